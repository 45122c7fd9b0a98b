using Providers.Testing;

namespace Providers.Load;

/// <summary>Three model servers on loopback: two that chat, the second of which embeds as well, and OpenAI's wire as the last resort.</summary>
internal sealed class Backends : IAsyncDisposable
{
    private static readonly string[] Answer = [.. Enumerable.Range(0, 24).Select(static i => $"token{i} ")];

    private Backends(MlxServer mlx, OllamaServer ollama, OpenAIServer openai) => (Mlx, Ollama, OpenAI) = (mlx, ollama, openai);

    public MlxServer Mlx { get; }

    public OllamaServer Ollama { get; }

    public OpenAIServer OpenAI { get; }

    public static async Task<Backends> StartAsync() => new(
        await MlxServer.StartAsync(new ModelServerOptions { Answer = Answer }),
        await OllamaServer.StartAsync(new ModelServerOptions { Answer = Answer }),
        await OpenAIServer.StartAsync(new ModelServerOptions { Answer = Answer }));

    public void KillFirst() => Mlx.Stop();

    public void RestartFirst() => Mlx.Start();

    public async ValueTask DisposeAsync()
    {
        await Mlx.DisposeAsync();
        await Ollama.DisposeAsync();
        await OpenAI.DisposeAsync();
    }
}
