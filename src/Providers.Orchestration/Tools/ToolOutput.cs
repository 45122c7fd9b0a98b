using System.Buffers;
using System.Text.Json;

namespace Providers.Orchestration.Tools;

/// <summary>Writes what the tools give back.</summary>
internal static class ToolOutput
{
    /// <summary>Characters of a step's output that are shown; all of it is kept with the workflow.</summary>
    private const int Shown = 4_000;

    public static JsonElement Of(WorkflowSnapshot workflow) => StepOutput.Of(writer =>
    {
        writer.WriteString("workflow_id", workflow.Id);
        writer.WriteString("name", workflow.Name);
        writer.WriteString("state", Lower(workflow.Status));
        writer.WriteNumber("progress", Math.Round(workflow.Progress, 2));
        if (workflow.Reason is { } reason)
        {
            writer.WriteString("reason", reason);
        }

        writer.WriteStartArray("steps");
        foreach (WorkflowStepSnapshot step in workflow.Steps)
        {
            Write(writer, step);
        }

        writer.WriteEndArray();
    });

    public static JsonElement Of(WorkTask task, long version) => StepOutput.Of(writer => Write(writer, task, version));

    public static void Write(Utf8JsonWriter writer, WorkTask task, long version)
    {
        writer.WriteString("task_id", task.Id);
        writer.WriteNumber("version", version);
        writer.WriteString("title", task.Title);
        writer.WriteString("status", WorkTask.Name(task.Status));
        writer.WriteNumber("priority", task.Priority);
        if (task.Assignee is { } assignee)
        {
            writer.WriteString("assignee", assignee);
        }

        writer.WriteStartArray("tags");
        foreach (string tag in task.Tags)
        {
            writer.WriteStringValue(tag);
        }

        writer.WriteEndArray();
        writer.WriteNumber("progress_current", task.Current);
        writer.WriteNumber("progress_total", task.Total);
        writer.WriteString("created", task.Created);
        writer.WriteString("updated", task.Updated);
        writer.WriteStartArray("audit");
        foreach (WorkTaskAudit line in task.Audit)
        {
            writer.WriteStartObject();
            writer.WriteString("at", line.At);
            writer.WriteString("what", line.What);
            Optional(writer, "actor", line.Actor);
            Optional(writer, "reason", line.Reason);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    public static void Optional(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    public static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static void Write(Utf8JsonWriter writer, WorkflowStepSnapshot step)
    {
        writer.WriteStartObject();
        writer.WriteString("id", step.Id);
        writer.WriteString("status", Lower(step.Status));
        writer.WriteNumber("attempts", step.Attempts);
        if (step.Output is { } output)
        {
            string text = InputTemplate.TextOf(output);
            writer.WriteString("output", text.Length <= Shown ? text : text[..Shown]);
            writer.WriteBoolean("truncated", text.Length > Shown);
        }

        Optional(writer, "error", step.Error);
        writer.WriteEndObject();
    }
}
