using System.Text.Json;

namespace Providers.Memory.Benchmarks;

/// <summary>What was measured: printed as a table, and written as JSON.</summary>
internal sealed class Figures
{
    private readonly List<(string Name, double Value, string Unit, double? Baseline, double? AtLeast, double? Limit)> _rows = [];

    public void Add(string name, double value, string unit, double? baseline = null, double? atLeast = null, double? limit = null)
    {
        _rows.Add((name, value, unit, baseline, atLeast, limit));
        Console.WriteLine($"{name}: {value:G4} {unit}{(baseline is { } b ? $" (beside {b:G4})" : "")}{(atLeast is { } least ? $", at least {least:G3}" : "")}{(limit is { } most ? $", at most {most:G3}" : "")}");
    }

    public void Write(string path)
    {
        Console.WriteLine("\n| measured | value | unit | baseline | wanted |\n|---|---:|---|---:|---|");
        foreach (var row in _rows)
        {
            Console.WriteLine($"| {row.Name} | {row.Value:G4} | {row.Unit} | {row.Baseline:G4} | {(row.AtLeast is { } least ? $">= {least:G3}" : row.Limit is { } most ? $"<= {most:G3}" : "")} |");
        }

        using FileStream stream = File.Create(path);
        using Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartArray();
        foreach (var row in _rows)
        {
            json.WriteStartObject();
            json.WriteString("name", row.Name);
            json.WriteNumber("value", row.Value);
            json.WriteString("unit", row.Unit);
            if (row.Baseline is { } baseline)
            {
                json.WriteNumber("baseline", baseline);
                json.WriteNumber("ratio", row.Value / baseline);
            }

            if (row.AtLeast is { } least)
            {
                json.WriteNumber("atLeast", least);
            }

            if (row.Limit is { } most)
            {
                json.WriteNumber("limit", most);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
