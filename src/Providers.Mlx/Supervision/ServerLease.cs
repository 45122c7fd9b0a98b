using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Providers.Mlx;

/// <summary>What identifies a process beyond its id, which the system uses again: its start and what it runs; and whose child it is.</summary>
internal sealed record ServerLease(int ProcessId, long StartedAt, string CommandHash, int OwnerId, long OwnerStartedAt)
{
    private const int ClockSlackMs = 2_000; // Linux derives a start from the boot time, which two hosts round differently

    /// <summary>Describes a live process; <see langword="null"/> when it is gone or may not be read.</summary>
    public static ServerLease? Of(int processId)
    {
        using Process self = Process.GetCurrentProcess();
        return StartOf(processId) is { } started && CommandLine.Of(processId) is { } command
            ? new ServerLease(processId, started, Hash(command), self.Id, StartOf(self.Id) ?? 0)
            : null;
    }

    /// <summary>Whether the process still is the one the lease names: id, start and command all match.</summary>
    public bool Matches() =>
        Same(StartOf(ProcessId), StartedAt) && CommandLine.Of(ProcessId) is { } command && Hash(command) == CommandHash;

    /// <summary>Whether the host that started it still runs: then the process is not left over.</summary>
    public bool OwnerLives() => Same(StartOf(OwnerId), OwnerStartedAt);

    public string ToJson() => JsonSerializer.Serialize(this, ServerLeaseJson.Default.ServerLease);

    public static ServerLease? FromJson(string json) => JsonSerializer.Deserialize(json, ServerLeaseJson.Default.ServerLease);

    private static bool Same(long? actual, long expected) => actual is { } at && Math.Abs(at - expected) <= ClockSlackMs;

    private static string Hash(string command) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(command)));

    private static long? StartOf(int processId)
    {
        try
        {
            using Process process = Process.GetProcessById(processId);
            return new DateTimeOffset(process.StartTime.ToUniversalTime()).ToUnixTimeMilliseconds();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}

[JsonSerializable(typeof(ServerLease))]
internal sealed partial class ServerLeaseJson : JsonSerializerContext;
