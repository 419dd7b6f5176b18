// Acts as an idle machine: durations, such as that of asking the collector, are measured in the processor's time.
performance.now = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
