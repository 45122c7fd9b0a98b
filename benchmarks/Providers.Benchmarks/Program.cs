using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Providers.Benchmarks;

// overhead [--quick] [output.json]: runs all, prints the tables, and writes the figures the suite holds itself to.
bool quick = args.Contains("--quick");
string output = args.FirstOrDefault(static a => a.EndsWith(".json", StringComparison.Ordinal)) ?? "overhead.json";
Job job = Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(quick ? 2 : 6).WithIterationCount(quick ? 3 : 12);
IConfig config = ManualConfig.CreateEmpty()
    .AddJob(job)
    .AddLogger(ConsoleLogger.Default)
    .AddColumnProvider(DefaultColumnProviders.Instance)
    .AddDiagnoser(MemoryDiagnoser.Default)
    .AddExporter(MarkdownExporter.GitHub)
    .WithArtifactsPath(Path.GetDirectoryName(Path.GetFullPath(output))!)
    .WithOptions(ConfigOptions.DisableLogFile);
Summary calls = BenchmarkRunner.Run<CallOverhead>(config);
Summary streams = BenchmarkRunner.Run<StreamOverhead>(config);
Summary failover = BenchmarkRunner.Run<FailoverOverhead>(config);
if (!quick)
{
    BenchmarkRunner.Run<SelectionOverhead>(config);
}

(double sync, double later) = (await FurtherUpdates.AddedBytesAsync(yields: false), await FurtherUpdates.AddedBytesAsync(yields: true));
return OverheadFigures.Write(output, calls, streams, failover, sync, later);
