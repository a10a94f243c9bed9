// Runs the suites of Octane that a script has loaded, and gives their scores.
globalThis.benchmark = () => {
  // Where there is a window, Octane goes on in timers.
  if (typeof window !== "undefined") globalThis.setTimeout = undefined;
  (0, eval)(octaneSource);
  const scores = {};
  BenchmarkSuite.config.doWarmup = undefined;
  BenchmarkSuite.config.doDeterministic = undefined;
  BenchmarkSuite.RunSuites({
    NotifyResult: (name, score) => { scores[name] = Number(score); },
    NotifyError: (name, error) => { throw new Error(`${name}: ${error}`); },
  });
  return scores;
};
