using System.Text;
using System.Text.Json;
using Spectre.Console;

namespace Providers.Cli;

/// <summary>Where the tool speaks: results on its output, one way for people and one for programs; everything else, progress too, on its error output.</summary>
internal sealed class Terminal
{
    private readonly Func<Stream> _output, _input;
    private readonly IAnsiConsole _error;
    private readonly bool _live;

    /// <param name="input">Opens the input.</param>
    /// <param name="output">Opens the output.</param>
    /// <param name="error">The error output.</param>
    /// <param name="live">Whether a person looks at the error output, so that it may move.</param>
    public Terminal(Func<Stream> input, Func<Stream> output, TextWriter error, bool live)
    {
        (_input, _output, Error, _live) = (input, output, error, live);
        _error = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(error),
            Ansi = live ? AnsiSupport.Detect : AnsiSupport.No,
            Interactive = live ? InteractionSupport.Detect : InteractionSupport.No,
        });
    }

    public TextWriter Error { get; }

    public static Terminal OfProcess() => new(Console.OpenStandardInput, Console.OpenStandardOutput, Console.Error, !Console.IsErrorRedirected);

    public Stream OpenInput() => _input();

    public Stream OpenOutput() => _output();

    /// <summary>Writes a result: as JSON, or as lines of name and value without colours or padding, so that pipes get what eyes do.</summary>
    public async Task WriteAsync(bool json, Action<Utf8JsonWriter> asJson, Func<IEnumerable<string>> asText)
    {
        Stream stream = OpenOutput();
        await using (stream.ConfigureAwait(false))
        {
            if (json)
            {
                Utf8JsonWriter writer = new(stream);
                await using (writer.ConfigureAwait(false))
                {
                    asJson(writer);
                }

                stream.WriteByte((byte)'\n');
                return;
            }

            foreach (string line in asText())
            {
                await stream.WriteAsync(Encoding.UTF8.GetBytes(Plain(line) + "\n")).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Does long work; a person sees how far it is.</summary>
    /// <param name="what">What is done.</param>
    /// <param name="work">The work. It is given a way to say how much is done, and of how much; 0: nobody knows.</param>
    public async Task<T> ProgressAsync<T>(string what, Func<Action<long, long>, Task<T>> work)
    {
        if (!_live)
        {
            return await work(static (_, _) => { }).ConfigureAwait(false);
        }

        return await _error.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn(), new SpinnerColumn()).StartAsync(async context =>
        {
            ProgressTask task = context.AddTask(Markup.Escape(what));
            task.IsIndeterminate = true;
            T result = await work((done, all) =>
            {
                task.IsIndeterminate = all <= 0;
                task.MaxValue = Math.Max(1, all);
                task.Value = done;
                task.Description = Markup.Escape(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{what} {done:N0}"));
            }).ConfigureAwait(false);
            task.IsIndeterminate = false;
            task.Value = task.MaxValue;
            return result;
        }).ConfigureAwait(false);
    }

    /// <summary>A line on the error output.</summary>
    public void Note(string text) => Error.WriteLine(Plain(text));

    /// <summary>What memories say must not move the cursor of who reads them.</summary>
    private static string Plain(string line) => string.Concat(line.Select(static c => char.IsControl(c) && c != '\t' ? ' ' : c));
}
