using System.Diagnostics;
using System.Text.Json;

namespace Providers.Mlx.Tests;

/// <summary>Launch options that run the real bootstrap over the stub <c>mlx_lm</c> package, and the traces the stub leaves.</summary>
internal sealed class StubServer : IDisposable
{
    public StubServer(string fault = "", Action<MlxLaunchOptions>? configure = null)
    {
        Folder = Directory.CreateTempSubdirectory("mlx-stub-").FullName;
        Launch = new MlxLaunchOptions
        {
            Model = "stub/model",
            AllowUnsupportedPlatform = true,
            RestartDelay = TimeSpan.FromMilliseconds(1),
            StopTimeout = TimeSpan.FromSeconds(5),
            Seed = 7,
            Environment =
            {
                ["PYTHONPATH"] = Path.Join(AppContext.BaseDirectory, "Stub"),
                ["PYTHONDONTWRITEBYTECODE"] = "1",
                ["MLX_STUB"] = fault,
                ["MLX_STUB_DIR"] = Folder,
            },
        };
        configure?.Invoke(Launch);
        Supervisor = new MlxSupervisor(LaunchPlan.From(Launch, "mlx"), NewProbe(), Activity, Logger, TimeProvider.System);
    }

    public string Folder { get; }

    public MlxLaunchOptions Launch { get; }

    public ListLogger Logger { get; } = new();

    public ServerActivity Activity { get; } = new(TimeProvider.System);

    public MlxSupervisor Supervisor { get; }

    public IReadOnlyList<int> ProcessIds => [.. Lines("starts").Select(static l => int.Parse(l.Split(' ')[0]))];

    /// <summary>Gets what the supervisor says it started: known before the stub has come to its first line.</summary>
    public IReadOnlyList<int> LoggedProcessIds => [.. Logger.Entries.Where(static e => e.Id is 501).Select(static e => int.Parse(e.Text.Split("process ")[1].Split(' ')[0]))];

    public IReadOnlyList<int> Ports => [.. Lines("starts").Select(static l => int.Parse(l.Split(' ')[1]))];

    public JsonElement Seen => JsonDocument.Parse(Lines("seen")[0]).RootElement;

    public static OneTokenProbe NewProbe() =>
        new(new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false }), new ProbeRequest(static () => "default_model", Embeds: false), TimeProvider.System);

    public IReadOnlyList<string> Lines(string name) =>
        File.Exists(Path.Join(Folder, name)) ? File.ReadAllLines(Path.Join(Folder, name)) : [];

    public static bool IsAlive(int processId)
    {
        try
        {
            using Process process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        Supervisor.DisposeAsync().AsTask().GetAwaiter().GetResult();
        foreach (int id in ProcessIds.Where(IsAlive))
        {
            throw new InvalidOperationException($"Process {id} was left over.");
        }

        Directory.Delete(Folder, recursive: true);
    }
}
