using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Providers.Http;

namespace Providers.OpenAI;

/// <summary>
/// Reads a stream's plain chunks by ourselves. What all chunks of a stream share is read once; a chunk that says otherwise, and everything after
/// one that is not plain but text, is the SDK's. One stream, one reader.
/// </summary>
internal sealed class PlainChunks : IEventTaker
{
    private const int MostLearned = 4; // OpenAI's chunks end with random filling, and no two are alike

    private readonly List<byte[]> _told = [];
    private string? _id;
    private string? _model;
    private long _created;
    private DateTimeOffset _createdAt;
    private ChatRole? _role;
    private ChatFinishReason? _finish;
    private byte[] _before = []; // what stands before and behind the text of the last chunk, and most likely of the next
    private byte[] _behind = [];
    private int _learned;
    private bool _begun;
    private bool _textOnly;

    /// <summary>Gets the update of the chunk that was taken last.</summary>
    public ChatResponseUpdate Update { get; private set; } = null!;

    /// <summary>Takes a chunk of text before the end.</summary>
    public bool TryTake(ReadOnlySpan<byte> data)
    {
        if (_finish is not null || (_textOnly && !_begun))
        {
            return false;
        }

        if (_before.Length > 0 && data.StartsWith(_before) && data.EndsWith(_behind) && data.Length > _before.Length + _behind.Length)
        {
            ReadOnlySpan<byte> text = data[_before.Length..^_behind.Length];
            if (IsPlainText(text))
            {
                Update = Create(Encoding.UTF8.GetString(text));
                return true;
            }
        }

        bool first = !_begun;
        if (!PlainChunk.TryRead(data, this, out PlainChunk chunk) || chunk is not { Text: { } said, Finish: null, Usage: null } || !TryBegin(chunk, data))
        {
            return Forget(first);
        }

        _begun = true;
        Remember(data, chunk);
        Update = Create(said);
        return true;
    }

    /// <summary>Reads a chunk that was judged: one that ends the answer, or says what was used.</summary>
    /// <returns><see langword="null"/>: it is the SDK's.</returns>
    public ChatResponseUpdate? TryRead(ReadOnlySpan<byte> data)
    {
        bool first = !_begun;
        if (_textOnly || !PlainChunk.TryRead(data, this, out PlainChunk chunk) || (chunk.Finish is not null && _finish is not null) || !TryBegin(chunk, data))
        {
            Forget(first);
            return null;
        }

        _begun = true;
        if (chunk.Finish is { } finish)
        {
            _finish = finish;
            if (!first)
            {
                _told.Add(data.ToArray());
            }
        }

        ChatResponseUpdate update = Create(chunk.Text);
        if (chunk.Usage is { } usage)
        {
            update.Contents.Add(new UsageContent(usage));
        }

        return update;
    }

    /// <summary>Gives what the SDK must be told before it reads on in our place, once; from then on only text is read here, after the pattern of <see cref="Follow"/>.</summary>
    public IReadOnlyList<byte[]> HandOver()
    {
        _textOnly = true;
        return _told;
    }

    /// <summary>Takes an update of the SDK's for the pattern of those to come. After a finish reason everything is the SDK's.</summary>
    public void Follow(ChatResponseUpdate update)
    {
        (_before, _behind) = ([], []);
        _begun = update is { ResponseId: not null, ModelId: not null, CreatedAt: not null, FinishReason: null };
        (_id, _model, _role, _finish) = (update.ResponseId, update.ModelId, update.Role, update.FinishReason);
        _createdAt = update.CreatedAt ?? default;
        _created = _createdAt.ToUnixTimeSeconds();
    }

    public bool IsId(ref Utf8JsonReader reader) => _begun ? PlainJson.Says(ref reader, _id!) : PlainJson.TryText(ref reader, out _id);

    public bool IsModel(ref Utf8JsonReader reader) => _begun ? PlainJson.Says(ref reader, _model!) : PlainJson.TryText(ref reader, out _model);

    public bool IsCreated(ref Utf8JsonReader reader)
    {
        if (!PlainJson.TryNumber(ref reader, out long? created) || created is not { } seconds || (_begun && seconds != _created))
        {
            return false;
        }

        _created = seconds;
        return true;
    }

    /// <summary>Text as it stands between its quotes: nothing escaped, nothing that would end it.</summary>
    private static bool IsPlainText(ReadOnlySpan<byte> text) => text.IndexOfAny((byte)'"', (byte)'\\') < 0 && !text.ContainsAnyInRange((byte)0, (byte)0x1F);

    private bool TryBegin(in PlainChunk chunk, ReadOnlySpan<byte> data)
    {
        if (_begun)
        {
            return !chunk.Assistant || _role == ChatRole.Assistant;
        }

        _createdAt = DateTimeOffset.FromUnixTimeSeconds(_created);
        _role = chunk.Assistant ? ChatRole.Assistant : null;
        _told.Add(data.ToArray());
        return true;
    }

    private bool Forget(bool first)
    {
        if (first)
        {
            (_id, _model, _created) = (null, null, 0);
        }

        return false;
    }

    private void Remember(ReadOnlySpan<byte> data, in PlainChunk chunk)
    {
        if (!chunk.Assistant && _learned < MostLearned)
        {
            _learned++;
            (_before, _behind) = (data[..chunk.TextAt.Start].ToArray(), data[chunk.TextAt.End..].ToArray());
        }
    }

    private ChatResponseUpdate Create(string? text)
    {
        ChatResponseUpdate update = text is null ? new() : new(_role, text);
        update.Role = _role;
        update.ResponseId = _id;
        update.MessageId = _id;
        update.ModelId = _model;
        update.CreatedAt = _createdAt;
        update.FinishReason = _finish;
        return update;
    }
}
