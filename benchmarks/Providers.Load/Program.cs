// eng/load [SECONDS]: mixed chat, embed, memory and MCP load on samples/Host, over three model servers of which one is killed and comes back.
using System.Diagnostics;
using System.Globalization;
using Providers.Load;

int seconds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 60;
string report = args.Length > 1 ? args[1] : "artifacts/load/report.md";
await using Backends backends = await Backends.StartAsync();
await using HostProcess host = await HostProcess.StartAsync(backends);
Mix mix = new(host.Address);
await mix.WarmUpAsync();

Recorder recorder = new();
using CancellationTokenSource stop = new(TimeSpan.FromSeconds(seconds));
Stopwatch clock = Stopwatch.StartNew();
Task load = mix.RunAsync(workers: 16, recorder, stop.Token);
bool killed = false, back = false;
string note = "";
while (!load.IsCompleted)
{
    await Task.WhenAny(load, Task.Delay(1_000));
    if (!killed && clock.Elapsed.TotalSeconds > seconds / 3.0)
    {
        (killed, note) = (true, "  the first model server is killed");
        backends.KillFirst();
    }
    else if (!back && clock.Elapsed.TotalSeconds > seconds * 2 / 3.0)
    {
        (back, note) = (true, "  the first model server is back");
        backends.RestartFirst();
    }

    Console.WriteLine($"{clock.Elapsed.TotalSeconds,6:F0} s  {recorder.Count,8} requests  {recorder.Failed,4} failed  {host.Megabytes,5} MB{note}");
    note = "";
}

await load;
string table = recorder.Table(clock.Elapsed);
bool passed = recorder.Failed == 0 && recorder.Count > 0 && recorder.EveryKindServed;
string verdict = $"eng/load: {(passed ? "PASSED" : "FAILED")}, {recorder.Count} requests in {clock.Elapsed.TotalSeconds:F0} s, {recorder.Failed} failed; the host holds {host.Megabytes} MB";
Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(report))!);
await File.AppendAllTextAsync(report, $"{table}\n{string.Join("\n", recorder.Errors.Select(static e => "- " + e))}\n\n**{verdict}**\n");
Console.WriteLine($"\n{table}\n{string.Join("\n", recorder.Errors)}\n{verdict}");
return passed ? 0 : 1;
