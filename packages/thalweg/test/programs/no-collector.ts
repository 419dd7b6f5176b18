// An environment without a way to run the collector in the middle of a job.
const { getBuiltinModule } = process;
process.getBuiltinModule = ((id: string) =>
  id === "node:vm" ? undefined : getBuiltinModule(id)) as typeof getBuiltinModule;
