namespace Providers.Mlx;

/// <summary>How to start and keep an MLX server process. Read once, when the provider is made.</summary>
public sealed class MlxLaunchOptions
{
    /// <summary>Gets or sets the Python that has <c>mlx-lm</c> installed.</summary>
    /// <value>A name on PATH or a path, for example of a virtual environment's <c>bin/python</c>. Default: <c>python3</c>. Ignored when <see cref="Command"/> is set.</value>
    public string PythonExecutable { get; set; } = "python3";

    /// <summary>Gets or sets another server's executable, for example <c>vllm-mlx</c> or <c>mlx-omni-server</c>.</summary>
    /// <value><see langword="null"/> (the default): <see cref="PythonExecutable"/> runs <c>mlx_lm.server</c>.</value>
    public string? Command { get; set; }

    /// <summary>Gets the arguments: all of them for <see cref="Command"/>, further ones for <c>mlx_lm.server</c>.</summary>
    /// <value>Each is passed as it is, never through a shell; <c>{host}</c>, <c>{port}</c> and <c>{model}</c> are replaced. Default: empty.</value>
    public IList<string> Arguments { get; } = [];

    /// <summary>Gets or sets the model: a folder, or a Hugging Face id such as <c>mlx-community/gemma-2-2b-it-4bit</c>.</summary>
    /// <value>Required unless <see cref="Command"/> is set.</value>
    public string? Model { get; set; }

    /// <summary>Gets or sets the folder of an adapter trained for the model.</summary>
    /// <value><see langword="null"/> (the default): none.</value>
    public string? AdapterPath { get; set; }

    /// <summary>Gets or sets the smaller model that drafts for speculative decoding: a folder or a Hugging Face id.</summary>
    /// <value><see langword="null"/> (the default): none. With one, the server serves requests one at a time.</value>
    public string? DraftModel { get; set; }

    /// <summary>Gets or sets how many tokens the draft model proposes at a time.</summary>
    /// <value>1 to 64. <see langword="null"/> (the default): the server's own, 3.</value>
    public int? DraftTokens { get; set; }

    /// <summary>Gets or sets the address the server binds.</summary>
    /// <value>Default: <c>127.0.0.1</c>. The server has no authentication: bind elsewhere only behind a firewall.</value>
    public string Host { get; set; } = "127.0.0.1";

    /// <summary>Gets or sets the port the server binds.</summary>
    /// <value>0 to 65535. Default: 0, a free one.</value>
    public int Port { get; set; }

    /// <summary>Gets or sets which origins browsers may call the server from.</summary>
    /// <value>Default: <c>http://127.0.0.1</c>; the server's own default would be every origin.</value>
    public string AllowedOrigins { get; set; } = "http://127.0.0.1";

    /// <summary>Gets or sets the chat template, in place of the model's.</summary>
    /// <value><see langword="null"/> (the default): the model's own.</value>
    public string? ChatTemplate { get; set; }

    /// <summary>Gets or sets the arguments of the chat template, as a JSON object such as <c>{"enable_thinking":false}</c>.</summary>
    /// <value><see langword="null"/> (the default): none.</value>
    public string? ChatTemplateArguments { get; set; }

    /// <summary>Gets or sets a value indicating whether code that comes with a model may run.</summary>
    /// <value>Default: <see langword="false"/>.</value>
    public bool TrustRemoteCode { get; set; }

    /// <summary>Gets or sets how many answers the server generates side by side.</summary>
    /// <value>1 to 1024. <see langword="null"/> (the default): the server's own, 32.</value>
    public int? DecodeConcurrency { get; set; }

    /// <summary>Gets or sets <c>HF_HOME</c>: where Hugging Face keeps its files.</summary>
    /// <value><see langword="null"/> (the default): inherited.</value>
    public string? HfHome { get; set; }

    /// <summary>Gets or sets <c>HF_HUB_CACHE</c>: where downloaded models are kept.</summary>
    /// <value><see langword="null"/> (the default): inherited.</value>
    public string? HfHubCache { get; set; }

    /// <summary>Gets or sets <c>HF_ENDPOINT</c>: the address models are downloaded from.</summary>
    /// <value><see langword="null"/> (the default): inherited.</value>
    public Uri? HfEndpoint { get; set; }

    /// <summary>Gets or sets <c>HF_TOKEN</c>. Never logged.</summary>
    /// <value><see langword="null"/> (the default): inherited.</value>
    public string? HfToken { get; set; }

    /// <summary>Gets or sets a value indicating whether the server may not download anything (<c>HF_HUB_OFFLINE</c>).</summary>
    /// <value><see langword="null"/> (the default): on when <see cref="Model"/> is a folder, so that a stray model id fails at once.</value>
    public bool? Offline { get; set; }

    /// <summary>Gets further environment variables of the process.</summary>
    /// <value><see langword="null"/> as a value removes an inherited one. Default: empty. Values are never logged.</value>
    public IDictionary<string, string?> Environment { get; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    /// <summary>Gets or sets the folder the process starts in.</summary>
    /// <value><see langword="null"/> (the default): the host's.</value>
    public string? WorkingDirectory { get; set; }

    /// <summary>Gets or sets a folder for lease files, by which a <see cref="Command"/> left over by a killed host is ended at the next start.</summary>
    /// <value><see langword="null"/> (the default): none. Not used for <c>mlx_lm.server</c>, which ends with its host by itself.</value>
    public string? StateDirectory { get; set; }

    /// <summary>Gets or sets a value indicating whether the server starts with the provider instead of with the first request.</summary>
    /// <value>Default: <see langword="false"/>.</value>
    public bool StartEagerly { get; set; }

    /// <summary>Gets or sets a value indicating whether to launch on anything but macOS on Apple silicon, for example on Linux with <c>mlx-lm[cpu]</c>.</summary>
    /// <value>Default: <see langword="false"/>.</value>
    public bool AllowUnsupportedPlatform { get; set; }

    /// <summary>Gets or sets how long the process may take to listen on its port.</summary>
    /// <value>00:00:00.100 to 00:10:00. Default: 30 seconds.</value>
    public TimeSpan ListenTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how long the server may take from listening to its first token: loading, and a download if needed.</summary>
    /// <value>00:00:00.100 to 1.00:00:00. Default: 10 minutes.</value>
    public TimeSpan LoadTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Gets or sets how long the process may take to end before the next, harder step of ending it.</summary>
    /// <value>00:00:00.100 to 00:01:00. Default: 3 seconds.</value>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Gets or sets the wait before the first restart; it doubles with every further one.</summary>
    /// <value>00:00:00.001 to 00:10:00. Default: 1 second, with a jitter of 20 %.</value>
    public TimeSpan RestartDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets the longest wait before a restart.</summary>
    /// <value><see cref="RestartDelay"/> to 01:00:00. Default: 60 seconds.</value>
    public TimeSpan MaxRestartDelay { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets or sets how many restarts <see cref="RestartWindow"/> may hold; one more and the server is faulted.</summary>
    /// <value>0 to 1000. Default: 5.</value>
    public int MaxRestarts { get; set; } = 5;

    /// <summary>Gets or sets the time in which <see cref="MaxRestarts"/> are counted.</summary>
    /// <value>00:00:01 to 1.00:00:00. Default: 10 minutes.</value>
    public TimeSpan RestartWindow { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Gets or sets how long a server must have been ready for its earlier restarts to be forgotten.</summary>
    /// <value>00:00:01 to 1.00:00:00. Default: 5 minutes.</value>
    public TimeSpan HealthyReset { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets or sets the seed of the restarts' jitter.</summary>
    /// <value><see langword="null"/> (the default): made of the provider's name and the host's process id, so that hosts differ.</value>
    public int? Seed { get; set; }
}
