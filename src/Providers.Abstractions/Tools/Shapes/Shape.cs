using System.Globalization;
using System.Text.Json;

namespace Providers.Tools.Shapes;

/// <summary>What a JSON value must look like: one description from which both the schema a client reads and the check of what it sends are made.</summary>
internal abstract class Shape
{
    /// <summary>Gets what the value is for.</summary>
    public string? Description { get; init; }

    /// <summary>Gets what is wanted, in words: "text of 1 to 64 characters".</summary>
    public abstract string Wanted { get; }

    /// <summary>Writes the schema.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        WriteCore(writer);
        if (Description is not null)
        {
            writer.WriteString("description", Description);
        }

        writer.WriteEndObject();
    }

    /// <summary>Adds a sentence for each thing that is wrong, each beginning with the field.</summary>
    public abstract void Check(string field, JsonElement value, List<string> errors);

    public JsonElement ToSchema()
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream))
        {
            Write(writer);
        }

        using JsonDocument document = JsonDocument.Parse(stream.GetBuffer().AsMemory(0, (int)stream.Length));
        return document.RootElement.Clone();
    }

    protected abstract void WriteCore(Utf8JsonWriter writer);

    protected void Mistyped(string field, JsonElement value, List<string> errors) => errors.Add($"{field}: is {Name(value.ValueKind)}; {Wanted} is wanted.");

    // A double's own formats round to 15 digits.
    protected static string Number(double value) => value == Math.Floor(value) && Math.Abs(value) < 1e18
        ? ((long)value).ToString("#,0", CultureInfo.InvariantCulture)
        : value.ToString("R", CultureInfo.InvariantCulture);

    protected static string Shown(string value) => value.Length <= 40 ? value : value[..40] + "...";

    private static string Name(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "text",
        JsonValueKind.Number => "a number",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => "null",
    };
}
