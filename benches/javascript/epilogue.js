// Runs a workload that was loaded before it, with the parameters in `benchmarkParameters`, and says what came out as one
// line of JSON. `benchmarkResult` is for embedders without any output.
{
  const say = (result) => {
    globalThis.benchmarkResult = JSON.stringify(result);
    if (typeof print === "function" && typeof imports === "object") print(benchmarkResult);
    else console.log(benchmarkResult);
    // React leaves a channel open, which keeps a process alive.
    globalThis.process?.exit?.(0);
  };
  new Promise((resolve) => resolve(benchmark(benchmarkParameters))).then(say, (error) => say({ error: String(error) }));
}
