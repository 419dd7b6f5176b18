/* Times MPI_Allreduce of a buffer of floats; prints the milliseconds of each call on rank 0. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  MPI_Init(&argc, &argv);
  int rank, length = atoi(argv[1]), calls = atoi(argv[2]);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  float *buffer = malloc(sizeof(float) * length);
  for (int i = 0; i < length; i++) buffer[i] = 1;
  double *times = malloc(sizeof(double) * calls);
  for (int i = 0; i < calls; i++) {
    MPI_Barrier(MPI_COMM_WORLD);
    double start = MPI_Wtime();
    MPI_Allreduce(MPI_IN_PLACE, buffer, length, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
    times[i] = (MPI_Wtime() - start) * 1000;
  }
  for (int i = 0; rank == 0 && i < calls; i++) printf("%f\n", times[i]);
  MPI_Finalize();
}
