using System.IO.Pipelines;

namespace Providers.Mcp.Stdio;

/// <summary>The process's streams as a session uses them. Whatever else writes to the console writes to stderr from here on.</summary>
internal sealed class StdioStreams : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly LineWriter _answers;

    public StdioStreams(PipeReader input, Stream output, int mostBytes)
    {
        _answers = new LineWriter(output, _turn);
        Output = new LineWriter(output, _turn);
        Input = new GuardedInput(input, _answers, mostBytes);
    }

    public Stream Input { get; }

    public Stream Output { get; }

    public static StdioStreams OfProcess(int mostBytes)
    {
        Stream output = Console.OpenStandardOutput();
        Console.SetOut(Console.Error); // a stray line would break the session
        return new StdioStreams(InputThread.Start(Console.OpenStandardInput()), output, mostBytes);
    }

    public void Dispose()
    {
        _answers.Dispose();
        Input.Dispose();
        Output.Dispose();
        _turn.Dispose();
    }
}
