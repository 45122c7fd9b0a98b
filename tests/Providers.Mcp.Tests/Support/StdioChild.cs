using System.Diagnostics;

namespace Providers.Mcp.Tests.Support;

/// <summary>The server as a process of its own, spoken to line by line.</summary>
internal sealed class StdioChild : IDisposable
{
    private readonly Process _process;

    public StdioChild(string database)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!)
        {
            ArgumentList = { "--list-tests" },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["MCP_TEST_CHILD"] = database, ["DOTNET_TieredPGO"] = "0" },
        };
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += static (_, _) => { };
        _process.BeginErrorReadLine();
    }

    public static StdioClientTransport Transport(string database) => new(new StdioClientTransportOptions
    {
        Command = Environment.ProcessPath!,
        Arguments = ["--list-tests"],
        EnvironmentVariables = new Dictionary<string, string?> { ["MCP_TEST_CHILD"] = database }!,
    });

    public void Send(string line)
    {
        _process.StandardInput.Write(line + "\n");
        _process.StandardInput.Flush();
    }

    public string? Read() => _process.StandardOutput.ReadLine();

    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public string RestOfOutput() => _process.StandardOutput.ReadToEnd();

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
    }
}
