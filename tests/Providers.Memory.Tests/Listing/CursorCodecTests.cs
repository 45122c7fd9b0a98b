using System.Globalization;
using System.Text.Json;

namespace Providers.Memory.Tests.Listing;

/// <summary>A cursor gives back its place to the listing it was made for, and to no other.</summary>
public sealed class CursorCodecTests
{
    private static readonly MemoryScope s_scope = new("tenant", "space");
    private static readonly ListPlace s_place = new(638_400_000_000_000_000, "an id with spaces");
    private readonly CursorCodec _codec = new(new byte[32]);

    [Fact]
    public void Cursor_OfAnotherCulture_IsTheSame()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            MemoryListOptions options = new() { Filter = new MemoryFilter { MinImportance = 0.5 } };
            CultureInfo comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            comma.NumberFormat.NumberDecimalSeparator = ",";
            CultureInfo.CurrentCulture = comma;
            string cursor = _codec.Write(s_place, s_scope, options);
            CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
            _codec.Read(s_scope, options with { Cursor = cursor }).Should().Be(s_place);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Cursor_OfTheSameListing_GivesThePlace()
    {
        MemoryListOptions[] all = [.. Listings()];
        foreach (MemoryListOptions options in all)
        {
            _codec.Read(s_scope, options with { Cursor = _codec.Write(s_place, s_scope, options), Limit = 7 }).Should().Be(s_place);
        }
    }

    [Fact]
    public void Cursor_IsNone_WhereNoneIsGiven() => _codec.Read(s_scope, new MemoryListOptions()).Should().BeNull();

    [Fact]
    public void Cursor_OfAnotherListing_IsRefused()
    {
        MemoryListOptions[] all = [.. Listings()];
        foreach (MemoryListOptions written in all)
        {
            string cursor = _codec.Write(s_place, s_scope, written);
            foreach (MemoryListOptions read in all.Where(o => o != written))
            {
                Refused(s_scope, read with { Cursor = cursor });
            }

            Refused(new MemoryScope("tenant", "other"), written with { Cursor = cursor });
            Refused(new MemoryScope("other", "space"), written with { Cursor = cursor });
        }
    }

    [Fact]
    public void Cursor_Altered_IsRefused()
    {
        string cursor = _codec.Write(s_place, s_scope, new MemoryListOptions());
        for (int i = 0; i < cursor.Length - 1; i++) // the last character may hold bits that mean nothing
        {
            char other = cursor[i] == 'A' ? 'B' : 'A';
            Refused(s_scope, new MemoryListOptions { Cursor = cursor[..i] + other + cursor[(i + 1)..] });
            Refused(s_scope, new MemoryListOptions { Cursor = cursor[..i] });
        }
    }

    [Theory]
    [InlineData("not base64url !")]
    [InlineData("AAAAAAAAAAAAAAAA")]
    [InlineData("")]
    public void Cursor_ThatIsNone_IsRefused(string cursor) => Refused(s_scope, new MemoryListOptions { Cursor = cursor });

    [Fact]
    public void Cursor_OfAnotherKey_IsRefused() => Refused(s_scope, new MemoryListOptions { Cursor = CursorCodec.WithRandomKey().Write(s_place, s_scope, new MemoryListOptions()) });

    [Fact]
    public void Cursor_TooLong_IsRefusedThoughItIsOurs()
    {
        ListPlace far = s_place with { Id = new string('x', 600) };
        Refused(s_scope, new MemoryListOptions { Cursor = _codec.Write(far, s_scope, new MemoryListOptions()) });
        ListPlace near = s_place with { Id = new string('x', 340) };
        _codec.Read(s_scope, new MemoryListOptions { Cursor = _codec.Write(near, s_scope, new MemoryListOptions()) }).Should().Be(near);
    }

    private void Refused(MemoryScope scope, MemoryListOptions options) =>
        FluentActions.Invoking(() => _codec.Read(scope, options)).Should().Throw<MemoryValidationException>().Which.Errors.Should().ContainSingle().Which.Should().StartWith("cursor: ");

    private static IEnumerable<MemoryListOptions> Listings()
    {
        DateTimeOffset day = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
        yield return new MemoryListOptions();
        yield return new MemoryListOptions { Order = MemoryOrder.NewestFirst };
        MemoryFilter[] filters =
        [
            new() { State = MemoryState.Archived },
            new() { Ids = ["x"] },
            new() { Kinds = ["x"] },
            new() { TagsAny = ["x"] },
            new() { TagsAll = ["x"] },
            new() { TagsAll = ["x", "y"] },
            new() { Metadata = Json("""{"k":1}""") },
            new() { Metadata = Json("""{"k":"1"}""") },
            new() { Metadata = Json("""{"k":1,"l":2}""") },
            new() { Source = "x" },
            new() { OutsideSpace = "x" },
            new() { CreatedFrom = day },
            new() { CreatedBefore = day },
            new() { UpdatedBefore = day },
            new() { ArchivedBefore = day },
            new() { MinImportance = 0.25 },
        ];
        foreach (MemoryFilter filter in filters)
        {
            yield return new MemoryListOptions { Filter = filter };
        }
    }

    private static Dictionary<string, JsonElement> Json(string text) => JsonDocument.Parse(text).RootElement.EnumerateObject().ToDictionary(static p => p.Name, static p => p.Value.Clone());
}
