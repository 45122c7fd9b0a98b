namespace Providers.Memory.Postgres.Tests;

/// <summary>PostgreSQL with pgvector in a process of Node. It has one session, which connections take in turns.</summary>
internal sealed class Pglite : IAsyncDisposable
{
    private static readonly string? s_node = ServerProcess.Find("node");
    private static readonly string s_package = Path.Join(Root(), "artifacts/npm/node_modules/@electric-sql/pglite-socket");
    private readonly ServerProcess _server;
    private readonly TurnTaker _turns;
    private readonly string _folder;

    private Pglite(ServerProcess server, string folder) => (_server, _folder, _turns) = (server, folder, new TurnTaker($"{folder}/.s.PGSQL.5432"));

    /// <summary>Gets why there can be none here; <see langword="null"/>: there can.</summary>
    public static string? Missing { get; } = OperatingSystem.IsWindows() || s_node is null ? "node is not on the path (Debian package nodejs; eng/test installs it)."
        : !Directory.Exists(s_package) ? "PGlite is not in artifacts/npm; eng/test installs it there from eng/npm/package.json, with npm." : null;

    public string ConnectionString => $"Host=127.0.0.1;Port={_turns.Port};Username=postgres;Database=postgres;SSL Mode=Disable;Maximum Pool Size=8;No Reset On Close=true;Timeout=120;Command Timeout=120";

    public static async Task<Pglite> StartAsync()
    {
        string folder = Directory.CreateTempSubdirectory("pglite-").FullName;
        return new Pglite(
            await ServerProcess.StartAsync(
                s_package, "listening", "KILL",
                s_node!, "dist/scripts/server.js", "--db=memory://", $"--path={folder}/.s.PGSQL.5432", "--max-connections=20", "--extensions=@electric-sql/pglite-pgvector:vector"),
            folder);
    }

    public async ValueTask DisposeAsync()
    {
        await _turns.DisposeAsync();
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Join(folder, "Providers.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? AppContext.BaseDirectory;
    }
}
