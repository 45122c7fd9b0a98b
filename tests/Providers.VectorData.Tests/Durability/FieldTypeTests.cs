namespace Providers.VectorData.Tests.Durability;

/// <summary>Values of every type come back from the file as they went in, alone, in arrays and in lists, with the numbers that stand for their types.</summary>
public sealed class FieldTypeTests
{
    [Fact]
    public void Type_OfEverySort_IsReadAsItWasWritten()
    {
        Verify<string>(1, "", "a\0b", "\U0001F30D\ud800");
        Verify(2, true, false);
        Verify(3, byte.MinValue, byte.MaxValue);
        Verify(4, sbyte.MinValue, sbyte.MaxValue);
        Verify(5, short.MinValue, short.MaxValue);
        Verify(6, ushort.MinValue, ushort.MaxValue);
        Verify(7, int.MinValue, int.MaxValue);
        Verify(8, uint.MinValue, uint.MaxValue);
        Verify(9, long.MinValue, long.MaxValue);
        Verify(10, ulong.MinValue, ulong.MaxValue);
        Verify(11, float.MinValue, float.Epsilon, float.NaN);
        Verify(12, double.MaxValue, double.Epsilon, double.NegativeInfinity);
        Verify(13, decimal.MinValue, 0.10m);
        Verify(14, char.MinValue, '\ud800');
        Verify(15, Guid.Empty, new Guid("00112233-4455-6677-8899-aabbccddeeff"));
        Verify(16, DateTime.MinValue, new DateTime(2026, 11, 26, 20, 5, 1, DateTimeKind.Utc), new DateTime(2026, 11, 26, 20, 5, 1, DateTimeKind.Local));
        Verify(17, DateTimeOffset.MinValue, new DateTimeOffset(2026, 11, 26, 20, 5, 1, TimeSpan.FromMinutes(-570)));
        Verify(18, DateOnly.MinValue, DateOnly.MaxValue, new DateOnly(2026, 11, 26));
        Verify(19, TimeOnly.MinValue, TimeOnly.MaxValue);
        Verify(20, TimeSpan.MinValue, TimeSpan.Zero, TimeSpan.MaxValue);
        FluentActions.Invoking(() => FieldTypes.FromCode(21)).Should().Throw<InvalidDataException>().WithMessage("*21*newer version*");
    }

    private static void Verify<T>(byte code, params T[] values)
        where T : notnull
    {
        FieldTypes.TryGet(typeof(T), out FieldType? type, out FieldShape shape).Should().BeTrue();
        (type!.Code, type.Type, shape).Should().Be((code, typeof(T), FieldShape.Scalar));
        FieldTypes.FromCode(code).Should().BeSameAs(type);
        foreach ((Type many, FieldShape expected) in ((Type, FieldShape)[])[(typeof(T[]), FieldShape.Array), (typeof(List<T>), FieldShape.List)])
        {
            FieldTypes.TryGet(many, out FieldType? element, out shape).Should().BeTrue();
            (element, shape).Should().Be((type, expected));
        }

        using MemoryStream file = new();
        using BinaryWriter writer = new(file);
        foreach (T value in values)
        {
            type.Write(writer, value);
        }

        type.WriteAll(writer, values);
        file.Position = 0;
        using BinaryReader reader = new(file);
        foreach (T value in values)
        {
            object read = type.Read(reader);
            read.Should().Be(value);
            (read is not DateTime time || time.Kind == ((DateTime)(object)value).Kind).Should().BeTrue("its kind is kept");
        }

        ((T[])type.ReadAll(reader)).Should().Equal(values);
        file.Position.Should().Be(file.Length);
    }
}
