using System.Text.Json.Nodes;
using Providers.Testing.Faults;
using Providers.Testing.Tests.Support;

namespace Providers.Testing.Tests.Faults;

/// <summary>What a server shows whoever asks it for the model <c>fault:S01</c> to <c>fault:S30</c>.</summary>
public sealed class ScenarioFaultTests
{
    [Fact]
    public void Scenario_OfTheWall_HasItsFault() =>
        FaultWall.Scenarios.Where(static s => ScenarioFaults.Find(s.Id) is not { } faults || faults.At(0) == Fault.None).Select(static s => s.Id)
            .Should().BeEmpty("the guide names all thirty as models of every server");

    [Theory]
    [InlineData("S01", 429, "rate_limit_exceeded", "2")]
    [InlineData("S02", 429, "rate_limit_exceeded", "2")]
    [InlineData("S03", 500, null, null)]
    [InlineData("S04", 503, null, null)]
    [InlineData("S12", 400, "context_length_exceeded", null)]
    [InlineData("S13", 400, "content_policy_violation", null)]
    [InlineData("S16", 503, null, null)]
    [InlineData("S20", 429, "rate_limit_exceeded", "411000")]
    [InlineData("S27", 429, "rate_limit_exceeded", "30")]
    [InlineData("S28", 401, "invalid_api_key", null)]
    [InlineData("S30", 503, null, null)]
    public async Task Model_OfAScenarioThatIsRefused_IsRefusedAsThatServiceDoes(string scenario, int status, string? code, string? retryAfter)
    {
        await using Chat chat = await Chat.StartAsync("openai");
        using HttpResponseMessage response = await chat.PostAsync(Chat.Body(model: $"fault:{scenario}"));
        ((int)response.StatusCode).Should().Be(status);
        (response.Headers.TryGetValues("Retry-After", out IEnumerable<string>? after) ? after.Single() : null).Should().Be(retryAfter);
        if (code is not null)
        {
            JsonNode error = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!;
            ((string?)error["code"]).Should().Be(code);
        }
    }
}
