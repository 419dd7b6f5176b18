import type { ReduceOp } from "../communicator";
import type { ElementType } from "../elements";

/** A handle of MPI: an address, or a number. */
export type Handle = bigint | number;

/** What the header of an implementation would tell a compiler. */
export interface ABI {
  /** The type of handles in C. */
  readonly handle: "void *" | "int";
  readonly world: Handle;
  readonly errorsReturn: Handle;
  readonly types: Readonly<Record<ElementType, Handle>>;
  readonly ops: Readonly<Record<ReduceOp, Handle>>;
  /** `MPI_IN_PLACE` */
  readonly inPlace: bigint;
  /** `MPI_STATUS_IGNORE` */
  readonly statusIgnore: bigint;
}

/** Open MPI: handles are addresses of objects in the library. */
export const openMPI = (addressOf: (symbol: string) => bigint): ABI => ({
  handle: "void *",
  world: addressOf("ompi_mpi_comm_world"),
  errorsReturn: addressOf("ompi_mpi_errors_return"),
  types: {
    float32: addressOf("ompi_mpi_float"),
    float64: addressOf("ompi_mpi_double"),
    int32: addressOf("ompi_mpi_int"),
    uint8: addressOf("ompi_mpi_unsigned_char"),
  },
  ops: {
    sum: addressOf("ompi_mpi_op_sum"),
    max: addressOf("ompi_mpi_op_max"),
    min: addressOf("ompi_mpi_op_min"),
  },
  inPlace: 1n,
  statusIgnore: 0n,
});

/** MPICH, and what keeps its ABI: Intel MPI, MVAPICH and Cray MPICH. */
export const mpich: ABI = {
  handle: "int",
  world: 0x44000000,
  errorsReturn: 0x54000001,
  types: { float32: 0x4c00040a, float64: 0x4c00080b, int32: 0x4c000405, uint8: 0x4c000102 },
  ops: { sum: 0x58000003, max: 0x58000001, min: 0x58000002 },
  inPlace: BigInt.asUintN(64, -1n),
  statusIgnore: 1n,
};

/** The ABI of the standard, from MPI 5.0 on. */
export const standard: ABI = {
  handle: "void *",
  world: 0x101n,
  errorsReturn: 0x142n,
  types: { float32: 0x210n, float64: 0x214n, int32: 0x209n, uint8: 0x245n },
  ops: { sum: 0x21n, max: 0x23n, min: 0x22n },
  inPlace: 1n,
  statusIgnore: 0n,
};
