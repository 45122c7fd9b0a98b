using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Providers.AspNetCore.Reading;

namespace Providers.AspNetCore.Tests.Reading;

public sealed class BodyReaderTests
{
    private const int Promised = 64 * 1024 * 1024;

    /// <summary>A length is announced for nothing, by hundreds of clients if need be; memory is taken for what comes.</summary>
    [Fact]
    public async Task Read_OfABodyThatIsOnlyPromised_TakesLittleMemory()
    {
        Pipe pipe = new();
        DefaultHttpContext http = new();
        http.Features.Set<IRequestBodyPipeFeature>(new Body(pipe.Reader));
        http.Request.ContentLength = Promised;
        long before = GC.GetAllocatedBytesForCurrentThread();
        ValueTask<PooledBuffer> reading = BodyReader.ReadAsync(http.Request, Promised, default); // until it waits, it runs here
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(1024 * 1024);
        byte[] whole = new byte[300_000];
        new Random(1).NextBytes(whole);
        await pipe.Writer.WriteAsync(whole);
        await pipe.Writer.CompleteAsync();
        using PooledBuffer body = await reading;
        body.WrittenSpan.SequenceEqual(whole).Should().BeTrue();
    }

    private sealed class Body(PipeReader reader) : IRequestBodyPipeFeature
    {
        public PipeReader Reader => reader;
    }
}
