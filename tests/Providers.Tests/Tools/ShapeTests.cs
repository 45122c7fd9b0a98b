using System.Text.Json;
using Providers.Tools.Shapes;

namespace Providers.Tests.Tools;

/// <summary>One description gives the schema a client reads and the sentences it gets when it sends something else.</summary>
public sealed class ShapeTests
{
    private static readonly TextShape s_text = new() { Least = 2, Most = 3, Description = "What it is." };
    private static readonly TextShape s_bytes = new() { Most = 4, InBytes = true };
    private static readonly TextShape s_name = new() { Most = 5, IsName = true };
    private static readonly TextShape s_choice = new() { Choices = ["one", "two"] };
    private static readonly TextShape s_moment = new() { IsMoment = true };
    private static readonly NumberShape s_whole = new() { Least = 1, Most = 1_000, Whole = true, Default = 10 };
    private static readonly NumberShape s_atLeast = new() { Least = 0.5 };
    private static readonly NumberShape s_any = new();
    private static readonly FlagShape s_flag = new();
    private static readonly ListShape s_list = new(s_flag) { Least = 1, Most = 2 };
    private static readonly ListShape s_anyList = new(s_whole);
    private static readonly MapShape s_map = new();
    private static readonly MapShape s_numbers = new(s_whole);
    private static readonly ObjectShape s_object = new(new Field("a", s_flag, true), new Field("b", s_whole));
    private static readonly ObjectShape s_none = new();

    public static TheoryData<string, string> Schemas => new()
    {
        { nameof(s_text), """{"type":"string","minLength":2,"maxLength":3,"description":"What it is."}""" },
        { nameof(s_bytes), """{"type":"string","minLength":1,"maxLength":4}""" },
        { nameof(s_name), """{"type":"string","minLength":1,"maxLength":5,"pattern":"^[A-Za-z0-9._:-]+$"}""" },
        { nameof(s_choice), """{"type":"string","enum":["one","two"]}""" },
        { nameof(s_moment), """{"type":"string","format":"date-time"}""" },
        { nameof(s_whole), """{"type":"integer","minimum":1,"maximum":1000,"default":10}""" },
        { nameof(s_atLeast), """{"type":"number","minimum":0.5}""" },
        { nameof(s_any), """{"type":"number"}""" },
        { nameof(s_flag), """{"type":"boolean"}""" },
        { nameof(s_list), """{"type":"array","items":{"type":"boolean"},"minItems":1,"maxItems":2}""" },
        { nameof(s_anyList), """{"type":"array","items":{"type":"integer","minimum":1,"maximum":1000,"default":10}}""" },
        { nameof(s_map), """{"type":"object","additionalProperties":true}""" },
        { nameof(s_numbers), """{"type":"object","additionalProperties":{"type":"integer","minimum":1,"maximum":1000,"default":10}}""" },
        { nameof(s_object), """{"type":"object","properties":{"a":{"type":"boolean"},"b":{"type":"integer","minimum":1,"maximum":1000,"default":10}},"required":["a"],"additionalProperties":false}""" },
        { nameof(s_none), """{"type":"object","properties":{},"additionalProperties":false}""" },
    };

    /// <summary>Each value with what is wrong with it; none where nothing is.</summary>
    public static TheoryData<string, string, string> Values => new()
    {
        { nameof(s_text), "\"ab\"", "" },
        { nameof(s_text), "\"abc\"", "" },
        { nameof(s_text), "\"a\"", "f: has 1 characters; 2 to 3 are allowed." },
        { nameof(s_text), "\"abcd\"", "f: has 4 characters; 2 to 3 are allowed." },
        { nameof(s_text), "7", "f: is a number; text of 2 to 3 characters is wanted." },
        { nameof(s_text), "\"\\ud800\"", "f: has half of a surrogate pair; it is no text." },
        { nameof(s_text), "\"a\\u0000\"", "f: has the character U+0000 at 1; it cannot be kept." },
        { nameof(s_bytes), "\"øø\"", "" },
        { nameof(s_bytes), "\"øøa\"", "f: has 5 bytes of UTF-8; 1 to 4 are allowed." },
        { nameof(s_name), "\"a.:-_\"", "" },
        { nameof(s_name), "\"a/b\"", "f: is 'a/b'; only A-Z a-z 0-9 . _ : - are allowed." },
        { nameof(s_name), "true", "f: is true; text of 1 to 5 of A-Z a-z 0-9 . _ : - is wanted." },
        { nameof(s_choice), "\"two\"", "" },
        { nameof(s_choice), "\"Two\"", "f: is 'Two'; one of one, two is allowed." },
        { nameof(s_choice), $"\"{new string('x', 41)}\"", $"f: is '{new string('x', 40)}...'; one of one, two is allowed." },
        { nameof(s_choice), $"\"{new string('x', 40)}\"", $"f: is '{new string('x', 40)}'; one of one, two is allowed." },
        { nameof(s_moment), "\"2026-11-26T10:00:00Z\"", "" },
        { nameof(s_moment), "\"2026-11-26\"", "" },
        { nameof(s_moment), "\"11/26/2026\"", "f: is '11/26/2026'; a moment as in 2026-11-26T10:00:00Z is wanted." },
        { nameof(s_moment), "\"10:00\"", "f: is '10:00'; a moment as in 2026-11-26T10:00:00Z is wanted." },
        { nameof(s_moment), "null", "f: is null; a moment as in 2026-11-26T10:00:00Z is wanted." },
        { nameof(s_whole), "1", "" },
        { nameof(s_whole), "1000", "" },
        { nameof(s_whole), "3.0", "" },
        { nameof(s_whole), "0", "f: is 0; a whole number from 1 to 1,000 is allowed." },
        { nameof(s_whole), "1001", "f: is 1001; a whole number from 1 to 1,000 is allowed." },
        { nameof(s_whole), "1.5", "f: is 1.5; a whole number from 1 to 1,000 is allowed." },
        { nameof(s_whole), "\"1\"", "f: is text; a whole number from 1 to 1,000 is wanted." },
        { nameof(s_atLeast), "0.5", "" },
        { nameof(s_atLeast), "1e300", "" },
        { nameof(s_atLeast), "0.4", "f: is 0.4; a number of at least 0.5 is allowed." },
        { nameof(s_atLeast), "1e999", "f: is 1e999; a number of at least 0.5 is allowed." },
        { nameof(s_any), "-7", "" },
        { nameof(s_any), "[]", "f: is a list; a number of any size is wanted." },
        { nameof(s_flag), "true", "" },
        { nameof(s_flag), "false", "" },
        { nameof(s_flag), "0", "f: is a number; true or false is wanted." },
        { nameof(s_list), "[true]", "" },
        { nameof(s_list), "[true,false]", "" },
        { nameof(s_list), "[]", "f: has 0 items; 1 to 2 are allowed." },
        { nameof(s_list), "[true,true,true]", "f: has 3 items; 1 to 2 are allowed." },
        { nameof(s_list), "[true,1]", "f[1]: is a number; true or false is wanted." },
        { nameof(s_list), "{}", "f: is an object; a list of 1 to 2 is wanted." },
        { nameof(s_anyList), "false", "f: is false; a list is wanted." },
        { nameof(s_map), """{"x":[1]}""", "" },
        { nameof(s_map), "[]", "f: is a list; an object is wanted." },
        { nameof(s_numbers), """{"x":1}""", "" },
        { nameof(s_numbers), """{"x":0}""", "f.x: is 0; a whole number from 1 to 1,000 is allowed." },
        { nameof(s_object), """{"a":true}""", "" },
        { nameof(s_object), """{"a":true,"b":null}""", "" },
        { nameof(s_object), """{"b":1}""", "f.a: is missing; true or false is wanted." },
        { nameof(s_object), """{"a":null}""", "f.a: is null; true or false is wanted." },
        { nameof(s_object), """{"a":true,"c":1}""", "f.c: is no field here; there are a, b." },
        { nameof(s_object), """{"a":true,"a":false}""", "f.a: is there twice." },
        { nameof(s_object), "7", "f: is a number; an object is wanted." },
        { nameof(s_none), """{"x":1}""", "f.x: is no field here; there are none." },
    };

    [Theory]
    [MemberData(nameof(Schemas))]
    public void Schema_IsWhatAClientReads(string shape, string schema)
    {
        JsonElement written = Of(shape).ToSchema();
        JsonElement.DeepEquals(written, JsonElement.Parse(schema)).Should().BeTrue(written.GetRawText());
    }

    [Theory]
    [MemberData(nameof(Values))]
    public void Check_SaysWhatIsWrongWithTheNumbers(string shape, string value, string error)
    {
        List<string> errors = [];
        Of(shape).Check("f", JsonElement.Parse(value), errors);
        errors.Should().Equal(error.Length == 0 ? [] : [error]);
    }

    [Fact]
    public void Check_OfAnObjectAtTheTop_NamesItsFieldsAlone()
    {
        List<string> errors = [];
        s_object.Check("", JsonElement.Parse("""{"b":0}"""), errors);
        errors.Should().Equal("b: is 0; a whole number from 1 to 1,000 is allowed.", "a: is missing; true or false is wanted.");
    }

    [Fact]
    public void Check_OfALongListOfMistakes_NamesTen()
    {
        List<string> errors = [];
        s_anyList.Check("f", JsonElement.Parse($"[{string.Join(',', Enumerable.Repeat("0", 50))}]"), errors);
        errors.Should().HaveCount(10);
        errors[^1].Should().StartWith("f[9]: ");
    }

    private static Shape Of(string name) => name switch
    {
        nameof(s_text) => s_text,
        nameof(s_bytes) => s_bytes,
        nameof(s_name) => s_name,
        nameof(s_choice) => s_choice,
        nameof(s_moment) => s_moment,
        nameof(s_whole) => s_whole,
        nameof(s_atLeast) => s_atLeast,
        nameof(s_any) => s_any,
        nameof(s_flag) => s_flag,
        nameof(s_list) => s_list,
        nameof(s_anyList) => s_anyList,
        nameof(s_map) => s_map,
        nameof(s_numbers) => s_numbers,
        nameof(s_object) => s_object,
        _ => s_none,
    };
}
