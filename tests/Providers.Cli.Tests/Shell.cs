using System.Text;

namespace Providers.Cli.Tests;

/// <summary>The tool in process, with its output and errors caught, and a folder for its files.</summary>
internal sealed class Shell : IDisposable
{
    private readonly Dictionary<string, string> _variables = [];

    public string Folder { get; } = Directory.CreateTempSubdirectory("cli-").FullName;

    public string Database => File("memory.db");

    public string File(string name) => Path.Join(Folder, name);

    public Shell With(string variable, string value)
    {
        _variables[variable] = value;
        return this;
    }

    public Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments) => RunAsync("", false, default, arguments);

    public Task<(int Code, string Output, string Errors)> SqliteAsync(params string[] arguments) => RunAsync(["memory", .. arguments, "--sqlite", Database]);

    public async Task<(int Code, string Output, string Errors)> RunAsync(string input, bool live, CancellationToken cancellationToken, params string[] arguments)
    {
        using MemoryStream output = new();
        await using StringWriter errors = new();
        Terminal terminal = new(() => new MemoryStream(Encoding.UTF8.GetBytes(input)), () => new Unclosed(output), errors, live);
        int code = await new Tool(terminal, _variables.GetValueOrDefault).RunAsync(arguments, cancellationToken);
        return (code, Encoding.UTF8.GetString(output.ToArray()), errors.ToString());
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>Standard output is opened and closed more than once.</summary>
    private sealed class Unclosed(Stream stream) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => stream.Length;

        public override long Position
        {
            get => stream.Position;
            set => throw new NotSupportedException();
        }

        public override void Flush() => stream.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => stream.Write(buffer, offset, count);
    }
}
