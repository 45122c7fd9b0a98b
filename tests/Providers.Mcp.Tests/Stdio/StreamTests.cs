using System.IO.Pipelines;
using Providers.Mcp.Stdio;

namespace Providers.Mcp.Tests.Stdio;

/// <summary>The two streams a session uses: one only reads, one only writes.</summary>
public sealed class StreamTests : IDisposable
{
    private readonly MemoryStream _output = new();
    private readonly SemaphoreSlim _turn = new(1, 1);

    public void Dispose()
    {
        _output.Dispose();
        _turn.Dispose();
    }

    [Fact]
    public void Output_KeepsALineUntilItIsWhole()
    {
        using LineWriter writer = new(_output, _turn);
        (writer.CanRead, writer.CanSeek, writer.CanWrite).Should().Be((false, false, true));
        writer.Write("one"u8.ToArray(), 0, 3);
        _output.Length.Should().Be(0);
        writer.Write("\n"u8.ToArray(), 0, 1);
        writer.Flush();
        _output.ToArray().Should().Equal("one\n"u8.ToArray());
        Refuses(writer);
        FluentActions.Invoking(() => writer.Read(new byte[1], 0, 1)).Should().Throw<NotSupportedException>();
    }

    [Fact]
    public void Input_IsReadLineByLine()
    {
        using MemoryStream lines = new("\n{}\n{\"a\":1}"u8.ToArray());
        using LineWriter answers = new(_output, _turn);
        using GuardedInput input = new(PipeReader.Create(lines), answers, 1_024);
        (input.CanRead, input.CanSeek, input.CanWrite).Should().Be((true, false, false));
        input.Flush();
        byte[] buffer = new byte[100];
        input.Read(buffer, 0, 2).Should().Be(2);
        input.Read(buffer, 2, 98).Should().Be(1, "a buffer that is too small gets the line in parts");
        input.Read(buffer, 3, 97).Should().Be(8);
        buffer.AsSpan(0, 11).SequenceEqual("{}\n{\"a\":1}\n"u8).Should().BeTrue();
        input.Read(buffer, 0, 100).Should().Be(0);
        _output.Length.Should().Be(0, "an empty line is passed over");
        Refuses(input);
        FluentActions.Invoking(() => input.Write(new byte[1], 0, 1)).Should().Throw<NotSupportedException>();
    }

    private static void Refuses(Stream stream)
    {
        foreach (Action action in (Action[])[() => _ = stream.Length, () => _ = stream.Position, () => stream.Position = 1, () => stream.Seek(0, SeekOrigin.Begin), () => stream.SetLength(1)])
        {
            action.Should().Throw<NotSupportedException>();
        }
    }
}
