namespace Providers.Testing.Wires;

/// <summary>How one wire writes the pieces of a chat answer. Pieces are texts; the exchange frames them.</summary>
internal abstract class ChatFormat
{
    public abstract string StreamType { get; }

    public virtual string WholeType => "application/json";

    public virtual Framing StreamFraming => Framing.Chunked;

    /// <summary>Gets a value indicating whether headers wait for the first token.</summary>
    public virtual bool HeadersWithFirstToken => false;

    public virtual IEnumerable<(string Name, string Value)> Headers => [];

    public virtual IEnumerable<string> Opening(ChatReply reply) => [];

    public virtual string? Comment(int index) => null;

    public abstract string Token(ChatReply reply, string text);

    public abstract string Reasoning(ChatReply reply, string text);

    public abstract IEnumerable<string> ToolCall(ChatReply reply, bool cut);

    public abstract IEnumerable<string> Finish(ChatReply reply, bool usageWithChoices);

    public virtual string? Mark => null;

    public abstract string Malformed(ChatReply reply);

    public abstract string Error(string message);

    /// <summary>The whole answer; without <paramref name="finished"/> as a server writes it that stopped half-way.</summary>
    public abstract string Whole(ChatReply reply, IReadOnlyList<string> tokens, bool finished);
}
