using System.Diagnostics;
using System.Globalization;

namespace Providers.Mlx;

/// <summary>What to start and how to keep it: the validated, immutable form of <see cref="MlxLaunchOptions"/>.</summary>
internal sealed record LaunchPlan
{
    /// <summary>The name under which <c>mlx_lm.server</c> knows its <c>--model</c> together with its adapter; any other would load a second model.</summary>
    public const string DefaultModel = "default_model";

    public required string Name { get; init; }

    public required string FileName { get; init; }

    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Whether the process runs our bootstrap: it then ends when its standard input is closed.</summary>
    public required bool HasBootstrap { get; init; }

    public required string Host { get; init; }

    public required int Port { get; init; }

    public required IReadOnlyDictionary<string, string?> Environment { get; init; }

    public required SecretMask Mask { get; init; }

    public required RestartRules Restarts { get; init; }

    public required int Seed { get; init; }

    public string? WorkingDirectory { get; init; }

    public string? StateDirectory { get; init; }

    public string? Model { get; init; }

    /// <summary>The id a request without one asks for: other servers know their model by its own name.</summary>
    public string RequestModel => HasBootstrap ? DefaultModel : Model ?? DefaultModel;

    public string? AdapterPath { get; init; }

    public bool AllowUnsupportedPlatform { get; init; }

    public TimeSpan ListenTimeout { get; init; }

    public TimeSpan LoadTimeout { get; init; }

    public TimeSpan StopTimeout { get; init; }

    public static LaunchPlan From(MlxLaunchOptions options, string name)
    {
        bool bootstrap = options.Command is null;
        string? model = options.Model is null ? null : ModelFolder.Resolve(options.Model);
        Dictionary<string, string?> environment = LaunchEnvironment.Of(options, model);
        return new LaunchPlan
        {
            Name = name,
            FileName = options.Command ?? options.PythonExecutable,
            Arguments = bootstrap ? LaunchArguments.ForServer(options, model) : [.. options.Arguments],
            HasBootstrap = bootstrap,
            Host = options.Host,
            Port = options.Port,
            Environment = environment,
            Mask = new SecretMask([options.HfToken, .. LaunchEnvironment.SecretsOf(environment)]),
            Restarts = new RestartRules(options.RestartDelay, options.MaxRestartDelay, options.MaxRestarts, options.RestartWindow, options.HealthyReset),
            Seed = options.Seed ?? HashCode.Combine(name, System.Environment.ProcessId),
            WorkingDirectory = options.WorkingDirectory,
            StateDirectory = bootstrap ? null : options.StateDirectory,
            Model = model,
            AdapterPath = options.AdapterPath is null ? null : ModelFolder.Resolve(options.AdapterPath),
            AllowUnsupportedPlatform = options.AllowUnsupportedPlatform,
            ListenTimeout = options.ListenTimeout,
            LoadTimeout = options.LoadTimeout,
            StopTimeout = options.StopTimeout,
        };
    }

    /// <summary>Where a client reaches the server; one bound to every address is reached by loopback.</summary>
    public Uri EndpointAt(int port)
    {
        string host = Host is "0.0.0.0" or "::" or "*" ? "127.0.0.1" : Host;
        return new UriBuilder(Uri.UriSchemeHttp, host, port).Uri;
    }

    public ProcessStartInfo StartInfo(int port)
    {
        ProcessStartInfo info = NewStartInfo();
        foreach (string argument in Arguments)
        {
            info.ArgumentList.Add(argument
                .Replace("{host}", Host, StringComparison.Ordinal)
                .Replace("{port}", port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
                .Replace("{model}", Model, StringComparison.Ordinal));
        }

        return info;
    }

    public ProcessStartInfo PreflightInfo()
    {
        ProcessStartInfo info = NewStartInfo();
        info.ArgumentList.Add("-c");
        info.ArgumentList.Add(Bootstrap.Preflight);
        return info;
    }

    private ProcessStartInfo NewStartInfo()
    {
        ProcessStartInfo info = new(FileName)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
            WorkingDirectory = WorkingDirectory ?? "",
        };
        foreach ((string key, string? value) in Environment)
        {
            info.Environment[key] = value;
        }

        return info;
    }
}
