using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Providers.Mlx;

/// <summary>The lease files of one provider: one per host process, so that two hosts never end each other's servers.</summary>
internal sealed class LeaseStore(string folder, string provider, ILogger logger)
{
    private readonly string _prefix = "mlx-" + string.Concat(provider.Select(static c => char.IsAsciiLetterOrDigit(c) ? c : '_')) + "-";

    private string OwnPath => Path.Join(folder, _prefix + Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + ".lease");

    /// <summary>Writes down which process this host started; again when it is ready, as a script becomes its interpreter on the way.</summary>
    public void Write(int processId)
    {
        if (ServerLease.Of(processId) is not { } lease)
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(folder);
            string draft = OwnPath + ".new";
            File.WriteAllText(draft, lease.ToJson());
            File.Move(draft, OwnPath, overwrite: true); // another host never reads half a lease
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            logger.LeaseUnusable(provider, OwnPath, e.Message);
        }
    }

    public void Clear() => Delete(OwnPath);

    /// <summary>Ends what hosts that are gone left running, where id, start and command all match.</summary>
    public void EndLeftovers()
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        foreach (string path in Directory.EnumerateFiles(folder, _prefix + "*.lease"))
        {
            if (Read(path) is not { } lease)
            {
                Delete(path);
            }
            else if (!lease.OwnerLives())
            {
                End(lease);
                Delete(path);
            }
        }
    }

    private void End(ServerLease lease)
    {
        if (!lease.Matches())
        {
            return;
        }

        try
        {
            using Process process = Process.GetProcessById(lease.ProcessId);
            process.Kill(entireProcessTree: true);
            logger.LeftoverEnded(provider, lease.ProcessId, lease.OwnerId);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // It ended in the meantime.
        }
    }

    private ServerLease? Read(string path)
    {
        try
        {
            return ServerLease.FromJson(File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            logger.LeaseUnusable(provider, path, e.Message);
            return null;
        }
    }

    private void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            logger.LeaseUnusable(provider, path, e.Message);
        }
    }
}
