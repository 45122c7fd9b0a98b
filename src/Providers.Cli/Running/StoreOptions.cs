using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Providers.Memory;

namespace Providers.Cli;

/// <summary>The options every command has: which memory, whose, and how to answer.</summary>
internal sealed class StoreOptions(Func<string, string?> environment)
{
    public const string SqliteVariable = "PROVIDERS_MEMORY_SQLITE";
    public const string PostgresVariable = "PROVIDERS_MEMORY_POSTGRES";

    private readonly Option<string?> _sqlite = new("--sqlite") { Description = $"The SQLite file of the memory. Default: the variable {SqliteVariable}.", HelpName = "FILE", Recursive = true };
    private readonly Option<string?> _postgres = new("--postgres") { Description = $"How the PostgreSQL of the memory is reached, as Npgsql writes it. Default: the variable {PostgresVariable}, which keeps passwords out of the list of processes.", HelpName = "CONNECTION", Recursive = true };
    private readonly Option<string> _schema = new("--schema") { Description = "The schema of the memory in PostgreSQL.", DefaultValueFactory = static _ => "memory", Recursive = true };
    private readonly Option<string> _tenant = new("--tenant", "-t") { Description = "Whose memories.", DefaultValueFactory = static _ => "default", Recursive = true };
    private readonly Option<string> _namespace = new("--namespace", "-n") { Description = "Which pot of theirs.", DefaultValueFactory = static _ => "default", Recursive = true };
    private readonly Option<bool> _json = new("--json") { Description = "Answers in JSON.", Recursive = true };

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_sqlite, _postgres, _schema, _tenant, _namespace, _json])
        {
            command.Options.Add(option);
        }
    }

    public bool Json(ParseResult parse) => parse.GetValue(_json);

    public MemoryScope Scope(ParseResult parse) => new(parse.GetValue(_tenant)!, parse.GetValue(_namespace)!);

    /// <summary>Gets the SQLite file; <see langword="null"/>: the memory is in PostgreSQL.</summary>
    /// <exception cref="UsageException">Neither is named, or both are.</exception>
    public string? File(ParseResult parse)
    {
        (string? sqlite, string? postgres) = Named(parse);
        return (sqlite, postgres) switch
        {
            (null, null) => throw new UsageException($"Which memory? Give --sqlite FILE or --postgres CONNECTION, or set {SqliteVariable} or {PostgresVariable}."),
            (not null, not null) => throw new UsageException("Give --sqlite or --postgres, not both."),
            _ => sqlite,
        };
    }

    /// <summary>Opens the memory; dispose what is given.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="create">Whether a file that is not there is made.</param>
    /// <exception cref="UsageException">No memory is named, or its file is not there.</exception>
    public ServiceProvider Open(ParseResult parse, bool create)
    {
        ServiceCollection services = new();
        if (File(parse) is { } file)
        {
            if (!create && !System.IO.File.Exists(file))
            {
                throw new UsageException($"There is no file '{file}'.");
            }

            services.AddSqliteMemory(file);
        }
        else
        {
            try
            {
                services.AddPostgresMemory(new NpgsqlConnectionStringBuilder(Named(parse).Postgres).ConnectionString, o => o.Schema = parse.GetValue(_schema)!);
            }
            catch (ArgumentException e)
            {
                throw new UsageException($"--postgres, --schema: {e.Message}");
            }
        }

        return services.BuildServiceProvider();
    }

    /// <summary>What the command line says goes before what the environment says.</summary>
    private (string? Sqlite, string? Postgres) Named(ParseResult parse)
    {
        (string? sqlite, string? postgres) = (parse.GetValue(_sqlite), parse.GetValue(_postgres));
        return sqlite is null && postgres is null ? (Variable(SqliteVariable), Variable(PostgresVariable)) : (sqlite, postgres);
    }

    private string? Variable(string name) => environment(name) is { Length: > 0 } value ? value : null;
}
