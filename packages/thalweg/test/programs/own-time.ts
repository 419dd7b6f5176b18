// As on a machine that does nothing else: what takes long, such as asking the collector, is told by the processor's time.
performance.now = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
