using System.Globalization;
using System.Text.Json.Nodes;

namespace Providers.Operations.Tests;

public sealed class DeploymentTests
{
    private static readonly JsonNode Schema = Parse("deploy/kubernetes/schema.json");
    private static readonly JsonNode Manifests = Parse("deploy/kubernetes/providers.json");

    [Fact]
    public void Manifests_MeetTheSchema()
    {
        JsonSchema.Errors(Manifests, Schema, Schema).Should().BeEmpty();
        JsonSchema.Errors(Deployment()["spec"], Schema["$defs"]!["deployment"]!, Schema).Should().BeEmpty();
    }

    [Theory]
    [InlineData("template.spec.terminationGracePeriodSeconds", "5", "below 30")]
    [InlineData("template.spec.containers.0.readinessProbe", null, "lacks readinessProbe")]
    [InlineData("template.spec.containers.0.resources.limits.memory", "\"lots\"", "does not match")]
    [InlineData("template.spec.containers.0.securityContext.allowPrivilegeEscalation", "true", "not one of")]
    [InlineData("template.spec.containers.0.comand", "[]", "does not know")]
    [InlineData("replicas", "\"2\"", "is no integer")]
    public void Schema_WrongManifest_IsRefused(string path, string? value, string error)
    {
        JsonNode spec = Deployment()["spec"]!.DeepClone();
        string[] steps = path.Split('.');
        JsonNode at = spec;
        foreach (string step in steps[..^1])
        {
            at = int.TryParse(step, CultureInfo.InvariantCulture, out int index) ? at[index]! : at[step]!;
        }

        if (value is null)
        {
            at.AsObject().Remove(steps[^1]);
        }
        else
        {
            at[steps[^1]] = JsonNode.Parse(value);
        }

        JsonSchema.Errors(spec, Schema["$defs"]!["deployment"]!, Schema).Should().ContainSingle().Which.Should().Contain(error);
    }

    [Fact]
    public void Drain_FitsIntoTheGracePeriod_AndBalancersNoticeInTime()
    {
        JsonNode pod = Deployment()["spec"]!["template"]!["spec"]!;
        JsonNode container = pod["containers"]![0]!;
        Dictionary<string, string?> settings = container["env"]!.AsArray().ToDictionary(static e => (string)e!["name"]!, static e => (string?)e!["value"]);
        TimeSpan Of(string name) => TimeSpan.Parse(settings[name]!, CultureInfo.InvariantCulture);
        TimeSpan delay = Of("Gateway__DrainDelay");
        TimeSpan all = delay + Of("Gateway__DrainTimeout") + Of("Providers__Drain__Delay") + Of("Providers__Drain__Timeout"); // the door first, the router behind it
        all.TotalSeconds.Should().BeLessThan((int)pod["terminationGracePeriodSeconds"]!);
        JsonNode ready = container["readinessProbe"]!;
        ((int)ready["periodSeconds"]! * (int)ready["failureThreshold"]!).Should().BeLessThan((int)delay.TotalSeconds, "the probe fails often enough before the drain begins");
        settings.Should().NotContain(static s => s.Key.Contains("Key") && !s.Key.EndsWith("KeyFile") && s.Value != null, "keys come from a secret");
    }

    [Fact]
    public void Selectors_AndPorts_FitTogether()
    {
        JsonNode pod = Deployment()["spec"]!["template"]!;
        string app = (string)pod["metadata"]!["labels"]!["app.kubernetes.io/name"]!;
        foreach (string path in (string[])["Service", "PodDisruptionBudget", "Deployment"])
        {
            JsonNode selector = Find(path)["spec"]!["selector"]!;
            ((string)(selector["matchLabels"] ?? selector)["app.kubernetes.io/name"]!).Should().Be(app);
        }

        string[] ports = [.. pod["spec"]!["containers"]![0]!["ports"]!.AsArray().Select(static p => (string)p!["name"]!)];
        ports.Should().Contain((string)Find("Service")["spec"]!["ports"]![0]!["targetPort"]!);
    }

    /// <summary>The root file system cannot be written: what the host keeps, and where it looks for keys, is on a volume.</summary>
    [Fact]
    public void Files_OfTheSettings_AreOnMountedVolumes()
    {
        JsonNode container = Deployment()["spec"]!["template"]!["spec"]!["containers"]![0]!;
        string[] mounts = [.. container["volumeMounts"]!.AsArray().Select(static m => (string)m!["mountPath"]! + "/")];
        string[] paths = [.. container["env"]!.AsArray().Select(static e => (string?)e!["value"]).OfType<string>().Where(static v => v.StartsWith('/'))];
        paths.Should().HaveCount(3).And.OnlyContain(p => mounts.Any(m => p.StartsWith(m, StringComparison.Ordinal)));
        string[] volumes = [.. Deployment()["spec"]!["template"]!["spec"]!["volumes"]!.AsArray().Select(static v => (string)v!["name"]!)];
        volumes.Should().BeEquivalentTo(container["volumeMounts"]!.AsArray().Select(static m => (string)m!["name"]!));
    }

    [Fact]
    public void Container_RunsUnprivilegedAndIsStoppedBySigterm()
    {
        string[] lines = File.ReadAllLines(Path.Combine(OpsFiles.Root, "deploy", "Containerfile"));
        lines.Should().Contain("USER app").And.Contain("STOPSIGNAL SIGTERM").And.Contain(static l => l.StartsWith("ENTRYPOINT [", StringComparison.Ordinal), "the exec form passes signals on");
    }

    private static JsonNode Deployment() => Find("Deployment");

    private static JsonNode Find(string kind) => Manifests["items"]!.AsArray().Single(i => (string)i!["kind"]! == kind)!;

    private static JsonNode Parse(string path) => JsonNode.Parse(File.ReadAllText(Path.Combine(OpsFiles.Root, path)))!;
}
