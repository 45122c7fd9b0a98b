using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Providers.Vectors.Benchmarks;

/// <summary>The peers from npm in a process of their own, asked line by line so that both sides are measured in turns.</summary>
internal sealed class PeerProcess : IDisposable
{
    private readonly Process _node;

    public PeerProcess(BenchmarkSet set, string modules)
    {
        string script = Path.Combine(AppContext.BaseDirectory, "Peers", "peers.cjs");
        _node = Process.Start(new ProcessStartInfo("node", ["--max-old-space-size=8192", script, Path.GetFullPath(set.Folder), $"{set.Dimensions}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = modules,
        })!;
    }

    public JsonObject Ask(JsonObject command)
    {
        Send(command);
        return Receive();
    }

    public void Send(JsonObject command)
    {
        _node.StandardInput.WriteLine(command.ToJsonString());
        _node.StandardInput.Flush();
    }

    public JsonObject Receive()
    {
        string line = _node.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The peers' process ended.");
        JsonObject answer = JsonNode.Parse(line)!.AsObject();
        return answer["error"] is { } error ? throw new InvalidOperationException($"Peer: {error}") : answer;
    }

    public double Number(JsonObject command, string field) => Ask(command)[field]!.GetValue<double>();

    public void Dispose()
    {
        _node.StandardInput.Close();
        _node.WaitForExit();
        _node.Dispose();
    }
}
