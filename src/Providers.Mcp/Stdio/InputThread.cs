using System.IO.Pipelines;

namespace Providers.Mcp.Stdio;

/// <summary>
/// Reads a stream that blocks, as a process's stdin does, on a thread of its own. What came is handed over on that very thread: reading such a stream
/// through the thread pool holds one of its threads for ever, and each message waits for another one.
/// </summary>
internal static class InputThread
{
    private static readonly PipeOptions s_inline = new(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, useSynchronizationContext: false);

    /// <summary>Begins to read. The thread ends with the stream, or with the process.</summary>
    public static PipeReader Start(Stream input)
    {
        Pipe pipe = new(s_inline);
        new Thread(() => Read(input, pipe.Writer)) { IsBackground = true, Name = "stdin" }.Start();
        return pipe.Reader;
    }

    private static void Read(Stream input, PipeWriter writer)
    {
        Exception? failure = null;
        try
        {
            bool wanted = true;
            while (wanted && input.Read(writer.GetMemory().Span) is > 0 and int count)
            {
                writer.Advance(count);
                ValueTask<FlushResult> flush = writer.FlushAsync(); // carries on, on this thread, with whoever waits for a line
                wanted = !(flush.IsCompleted ? flush.Result : flush.AsTask().GetAwaiter().GetResult()).IsCompleted;
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            failure = e;
        }

        writer.Complete(failure);
    }
}
