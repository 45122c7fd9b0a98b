using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Providers.Memory.Postgres.Tests;

/// <summary>A PostgreSQL of the tests' own, reached by a socket in a folder of its own: no port to fight about.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    public const string Role = "memory_owner";
    private static readonly string[] s_places = [.. Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Select(static d => Path.Join(d, "bin")) : []];
    private readonly string _folder;
    private readonly bool _durable;
    private ServerProcess? _server;

    private Cluster(string folder, bool durable) => (_folder, _durable) = (folder, durable);

    /// <summary>Gets why there can be none here; <see langword="null"/>: there can.</summary>
    public static string? Missing { get; } = OperatingSystem.IsWindows() || ServerProcess.Find("initdb", s_places) is null || ServerProcess.Find("postgres", s_places) is null
        ? "PostgreSQL's initdb and postgres are not on the path (Debian package postgresql-15; eng/test installs it)." : null;

    public string Superuser => $"Host={_folder};Username=postgres;Database=memory;Maximum Pool Size=20;Timeout=60;Command Timeout=60";

    /// <summary>Gets the way in for a role that owns the database but is no superuser, so that row-level security holds for it.</summary>
    public string Owner => Superuser.Replace("Username=postgres", $"Username={Role}", StringComparison.Ordinal);

    /// <param name="durable">With the settings of a server that keeps what it acknowledges, and memory enough for a benchmark; not: quick, which a kill of its processes does not notice.</param>
    public static async Task<Cluster> StartAsync(bool durable = false)
    {
        Cluster cluster = new(Directory.CreateTempSubdirectory("pg-").FullName, durable);
        if (Environment.UserName == "root")
        {
            ServerProcess.Run(cluster._folder, "chown", "postgres", cluster._folder);
        }

        ServerProcess.Run(cluster._folder, [.. As, ServerProcess.Find("initdb", s_places)!, "-D", "data", "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8", "--locale=C"]);
        await cluster.UpAsync();
        await using (NpgsqlDataSource source = NpgsqlDataSource.Create(cluster.Superuser.Replace("Database=memory", "Database=postgres", StringComparison.Ordinal)))
        {
            foreach (string text in (string[])[$"CREATE ROLE {Role} LOGIN", "CREATE ROLE stranger LOGIN", $"CREATE DATABASE memory OWNER {Role}"])
            {
                await using NpgsqlCommand command = source.CreateCommand(text);
                await command.ExecuteNonQueryAsync();
            }
        }

        return cluster;
    }

    public async Task UpAsync()
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                _server = await ServerProcess.StartAsync(
                    _folder, "ready to accept connections", "INT",
                    [.. As, ServerProcess.Find("postgres", s_places)!, "-D", "data", "-k", _folder, "-c", "listen_addresses=", "-c", "max_connections=200", .. Settings]);
                return;
            }
            catch (InvalidOperationException) when (attempt < 2_400)
            {
                await Task.Delay(50); // processes of the one that was killed still hold its memory
            }
        }
    }

    /// <summary>Ends the server as a crash does: the postmaster by kill -9, its children find out.</summary>
    public async Task KillAsync()
    {
        int pid = int.Parse(File.ReadLines(Path.Join(_folder, "data", "postmaster.pid")).First(), CultureInfo.InvariantCulture);
        using Process postmaster = Process.GetProcessById(pid);
        postmaster.Kill();
        await postmaster.WaitForExitAsync();
        await DownAsync();
    }

    /// <summary>Ends the server in good order.</summary>
    public async Task DownAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
            _server = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await DownAsync();
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (IOException)
        {
            // A child of a killed server is on its way out; the system clears the folder away.
        }
    }

    private string[] Settings => _durable ? ["-c", "shared_buffers=512MB"] : ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "shared_buffers=64MB"];

    private static string[] As => Environment.UserName == "root" ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : [];
}
