using System.Collections.Concurrent;
using System.IO.Pipelines;
using Providers.Mcp.Stdio;

namespace Providers.Mcp.Tests.Stdio;

/// <summary>What a blocking stream gives reaches whoever waits for it, and so does its end.</summary>
public sealed class InputThreadTests : IDisposable
{
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(2));
    private readonly BlockingStream _input = new();

    public void Dispose()
    {
        _input.Dispose();
        _limit.Dispose();
    }

    [Fact]
    public async Task Bytes_GoOnOnTheThreadThatReadThem()
    {
        PipeReader reader = InputThread.Start(_input);
        Task<string?> thread = reader.ReadAsync(_limit.Token).AsTask().ContinueWith(static _ => Thread.CurrentThread.Name, _limit.Token, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        _input.Give("x"u8.ToArray());
        (await thread).Should().Be("stdin");
    }

    [Fact]
    public async Task Lines_ComeWholeUpToTheEnd()
    {
        LineReader lines = new(InputThread.Start(_input), 100);
        _input.Give("one\ntwo\nthr"u8.ToArray());
        _input.Give("ee"u8.ToArray());
        _input.Give([]);
        (await lines.ReadAsync(_limit.Token))!.Value.Line.Should().Equal("one\n"u8.ToArray());
        (await lines.ReadAsync(_limit.Token))!.Value.Line.Should().Equal("two\n"u8.ToArray());
        (await lines.ReadAsync(_limit.Token))!.Value.Line.Should().Equal("three\n"u8.ToArray(), "the last line needs no end");
        (await lines.ReadAsync(_limit.Token)).Should().BeNull();
    }

    [Fact]
    public async Task Reader_ThatIsSlow_LosesNothingAndHoldsTheStreamBack()
    {
        byte[] block = new byte[30_000];
        for (int i = 0; i < 100; i++)
        {
            _input.Give(block);
        }

        _input.Give([]);
        PipeReader reader = InputThread.Start(_input);
        long seen = 0;
        for (ReadResult read = await reader.ReadAsync(_limit.Token); seen < 3_000_000; read = await reader.ReadAsync(_limit.Token))
        {
            read.Buffer.Length.Should().BeLessThan(200_000, "what nobody takes is not read");
            seen += read.Buffer.Length;
            reader.AdvanceTo(read.Buffer.End);
        }

        seen.Should().Be(3_000_000);
    }

    [Fact]
    public async Task Stream_ThatFails_SaysSoToTheReader()
    {
        PipeReader reader = InputThread.Start(_input);
        _input.Give(null);
        (await FluentActions.Awaiting(() => reader.ReadAsync(_limit.Token).AsTask()).Should().ThrowAsync<IOException>()).WithMessage("gone");
    }

    /// <summary>A stream whose reads wait until there is something: bytes, none for the end, null for a failure.</summary>
    private sealed class BlockingStream : MemoryStream
    {
        private readonly BlockingCollection<byte[]?> _parts = [];
        private byte[] _rest = [];

        public void Give(byte[]? part) => _parts.Add(part);

        public override int Read(Span<byte> buffer)
        {
            _rest = _rest.Length > 0 ? _rest : _parts.Take() ?? throw new IOException("gone");
            int count = Math.Min(_rest.Length, buffer.Length);
            _rest.AsSpan(0, count).CopyTo(buffer);
            _rest = _rest[count..];
            return count;
        }
    }
}
