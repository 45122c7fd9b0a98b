using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Providers.AspNetCore.Errors;
using Providers.AspNetCore.Reading;

namespace Providers.AspNetCore.OpenAI;

/// <summary>Writes a chat's updates as server-sent events. One writer and no list of ours for a whole stream.</summary>
internal sealed class ChunkWriter(IBufferWriter<byte> output) : IDisposable
{
    private static readonly JsonEncodedText s_id = JsonEncodedText.Encode("id");
    private static readonly JsonEncodedText s_object = JsonEncodedText.Encode("object");
    private static readonly JsonEncodedText s_chunk = JsonEncodedText.Encode("chat.completion.chunk");
    private static readonly JsonEncodedText s_created = JsonEncodedText.Encode("created");
    private static readonly JsonEncodedText s_model = JsonEncodedText.Encode("model");
    private static readonly JsonEncodedText s_choices = JsonEncodedText.Encode("choices");
    private static readonly JsonEncodedText s_index = JsonEncodedText.Encode("index");
    private static readonly JsonEncodedText s_delta = JsonEncodedText.Encode("delta");
    private static readonly JsonEncodedText s_content = JsonEncodedText.Encode("content");
    private static readonly JsonEncodedText s_finish = JsonEncodedText.Encode("finish_reason");

    private static readonly SearchValues<char> s_plain = SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(static c => (char)c).Except(['"', '\\'])]);

    private readonly PooledBuffer _frame = new(512);
    private readonly Utf8JsonWriter _json = new(output, JsonText.WriterOptions);
    private JsonEncodedText _idText;
    private JsonEncodedText _modelText;
    private string? _model;
    private long _created;
    private bool _roleSent;
    private bool _framed;
    private int _calls;

    /// <summary>Gets the usage that came with the updates; clients get it once, at the end.</summary>
    public UsageDetails? Usage { get; private set; }

    public ChatFinishReason? Finish { get; private set; }

    public void Begin(string id, string model, long created)
    {
        _idText = JsonEncodedText.Encode(id, JsonText.WriterOptions.Encoder);
        SetModel(model);
        _created = created;
    }

    /// <summary>Writes an update, unless there is nothing in it for a client.</summary>
    /// <returns>Whether anything was written.</returns>
    public bool Write(ChatResponseUpdate update)
    {
        if (update.ModelId is { } model && !ReferenceEquals(model, _model) && model != _model)
        {
            SetModel(model);
        }

        IList<AIContent> contents = update.Contents;
        if (_roleSent && update is { FinishReason: null, AdditionalProperties: null } && contents is [TextContent { Text: { Length: > 0 } plain }] && TryWrite(plain))
        {
            return true;
        }

        bool any = false;
        for (int i = 0; i < contents.Count; i++)
        {
            if (contents[i] is UsageContent usage)
            {
                Take(usage.Details);
            }
            else
            {
                any |= StreamSemantics.IsContent(contents[i]) && contents[i] is TextContent or TextReasoningContent or FunctionCallContent { InformationalOnly: false } or ErrorContent;
            }
        }

        Finish = update.FinishReason ?? Finish;
        if (!any)
        {
            return false; // roles, usage and the finish go with what has content, or at the end
        }

        AnswerContents.CheckCalls(contents); // half a chunk would run into the event that tells of the error
        Open();
        _json.WriteStartArray(s_choices);
        _json.WriteStartObject();
        _json.WriteNumber(s_index, 0);
        _json.WriteStartObject(s_delta);
        if (!_roleSent)
        {
            _roleSent = true;
            _json.WriteString("role"u8, "assistant"u8);
        }

        WriteDelta(contents);
        _json.WriteEndObject();
        AnswerContents.WriteLogprobs(_json, update.AdditionalProperties);
        _json.WriteNull(s_finish);
        _json.WriteEndObject();
        _json.WriteEndArray();
        Close();
        return true;
    }

    /// <summary>Writes the finish, the usage where it was asked for, and the mark that the answer is whole.</summary>
    public void End(bool includeUsage)
    {
        Open();
        _json.WriteStartArray(s_choices);
        _json.WriteStartObject();
        _json.WriteNumber(s_index, 0);
        _json.WriteStartObject(s_delta);
        if (!_roleSent)
        {
            _json.WriteString("role"u8, "assistant"u8);
            _json.WriteString(s_content, "");
        }

        _json.WriteEndObject();
        _json.WriteNull("logprobs"u8);
        _json.WriteString(s_finish, Finish?.Value ?? (_calls > 0 ? "tool_calls" : "stop"));
        _json.WriteEndObject();
        _json.WriteEndArray();
        Close();
        if (includeUsage)
        {
            Open();
            _json.WriteStartArray(s_choices);
            _json.WriteEndArray();
            AnswerContents.WriteUsage(_json, Usage);
            Close();
        }

        output.Write("data: [DONE]\n\n"u8);
    }

    /// <summary>Writes the error that ends a stream which had begun. No [DONE] follows: the answer is not whole.</summary>
    public void Fail(ApiError error)
    {
        output.Write("event: error\ndata: "u8);
        _json.Reset(output);
        ErrorWriter.WriteOpenAI(_json, error);
        _json.Flush();
        output.Write("\n\n"u8);
    }

    public void Dispose()
    {
        _json.Dispose();
        _frame.Dispose();
    }

    /// <summary>Writes a piece of text that needs no escaping: what stands before it is the same in all chunks, and so is what stands behind.</summary>
    private bool TryWrite(string text)
    {
        if (text.AsSpan().ContainsAnyExcept(s_plain))
        {
            return false;
        }

        if (!_framed)
        {
            Frame();
        }

        ReadOnlySpan<byte> before = _frame.WrittenSpan, behind = "\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n"u8;
        Span<byte> chunk = output.GetSpan(before.Length + text.Length + behind.Length);
        before.CopyTo(chunk);
        Encoding.ASCII.GetBytes(text, chunk[before.Length..]);
        behind.CopyTo(chunk[(before.Length + text.Length)..]);
        output.Advance(before.Length + text.Length + behind.Length);
        return true;
    }

    private void Frame()
    {
        _frame.Clear();
        _frame.Write("data: "u8);
        _json.Reset(_frame);
        Start();
        _json.WriteStartArray(s_choices);
        _json.WriteStartObject();
        _json.WriteNumber(s_index, 0);
        _json.WriteStartObject(s_delta);
        _json.WritePropertyName(s_content);
        _json.Flush();
        _frame.Write("\""u8);
        _framed = true;
    }

    private void SetModel(string model)
    {
        _framed = false;
        _model = model;
        _modelText = JsonEncodedText.Encode(model, JsonText.WriterOptions.Encoder);
    }

    private void Take(UsageDetails usage)
    {
        if (Usage is null)
        {
            Usage = usage;
        }
        else
        {
            UsageDetails sum = new();
            sum.Add(Usage);
            sum.Add(usage);
            Usage = sum;
        }
    }

    private void WriteDelta(IList<AIContent> contents)
    {
        if (AnswerContents.Join(contents, AnswerContents.TextOf) is { } text)
        {
            _json.WriteString(s_content, text);
        }

        if (AnswerContents.Join(contents, AnswerContents.ReasoningOf) is { } reasoning)
        {
            _json.WriteString("reasoning_content"u8, reasoning);
        }

        if (AnswerContents.Join(contents, AnswerContents.RefusalOf) is { } refusal)
        {
            _json.WriteString("refusal"u8, refusal);
        }

        bool any = false;
        for (int i = 0; i < contents.Count; i++)
        {
            if (AnswerContents.IsCall(contents[i]))
            {
                if (!any)
                {
                    _json.WriteStartArray("tool_calls"u8);
                    any = true;
                }

                AnswerContents.WriteCall(_json, (FunctionCallContent)contents[i], _calls++);
            }
        }

        if (any)
        {
            _json.WriteEndArray();
        }
    }

    private void Open()
    {
        output.Write("data: "u8);
        _json.Reset(output);
        Start();
    }

    private void Start()
    {
        _json.WriteStartObject();
        _json.WriteString(s_id, _idText);
        _json.WriteString(s_object, s_chunk);
        _json.WriteNumber(s_created, _created);
        _json.WriteString(s_model, _modelText);
    }

    private void Close()
    {
        _json.WriteEndObject();
        _json.Flush();
        output.Write("\n\n"u8);
    }
}
