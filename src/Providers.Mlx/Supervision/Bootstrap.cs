namespace Providers.Mlx;

/// <summary>The Python that runs <c>mlx_lm.server</c> so that it ends with its host and never lingers without its generation thread.</summary>
internal static class Bootstrap
{
    public const int ThreadDied = 70;
    public const int ServerFailed = 71;

    /// <summary>Prints the version, or ends with 3 where the package is missing; finding a package does not import it, which would take seconds.</summary>
    public const string Preflight = """
        import importlib.util, importlib.metadata, sys
        if importlib.util.find_spec("mlx_lm") is None: sys.exit(3)
        try: print(importlib.metadata.version("mlx-lm"))
        except importlib.metadata.PackageNotFoundError: print("unknown")
        """;

    public static string Script { get; } = Read();

    private static string Read()
    {
        using Stream stream = typeof(Bootstrap).Assembly.GetManifestResourceStream("Providers.Mlx.bootstrap.py")!;
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
