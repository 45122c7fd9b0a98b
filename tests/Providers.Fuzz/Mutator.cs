using System.Text;

namespace Providers.Fuzz;

/// <summary>Makes inputs that are almost right, and some that are not at all: input n of a seed is always the same.</summary>
internal sealed class Mutator(FuzzTarget target, int seed)
{
    private static readonly string[] Hostile =
    [
        "null", "true", "-1", "1e400", "-1e400", "9223372036854775807", "18446744073709551616", "9007199254740993", "\"\"", "\"\\ud800\"", "\"\\u0000\"", "[]", "{}",
        "[[[[[[[[[[[[[[[[[[[[", "{\"a\":{\"b\":[1,2,{}]}}", "NaN", "Infinity", "0.1e-320", "\"9999-12-31T23:59:59.9999999Z\"", "\"0000-00-00\"", "\r\n", "\n\n", "data:", ":", "\0", "\uFEFF", "\u2028",
    ];

    public byte[] Make(int number)
    {
        Random random = new(HashCode(seed, number));
        List<byte> input = [.. target.Seeds[random.Next(target.Seeds.Count)]];
        for (int changes = random.Next(0, 6); changes > 0; changes--)
        {
            Change(input, random);
        }

        return [.. input];
    }

    // Not System.HashCode, which is another one in every process.
    private static int HashCode(int seed, int number)
    {
        uint h = unchecked(((uint)seed * 0x9E3779B1u) ^ ((uint)number * 0x85EBCA77u));
        h = (h ^ (h >> 15)) * 0xC2B2AE3Du;
        return (int)(h ^ (h >> 13));
    }

    private void Change(List<byte> input, Random random)
    {
        int at = random.Next(input.Count + 1), length = Math.Min(random.Next(1, 24), input.Count - at);
        switch (random.Next(10))
        {
            case 0:
                input.RemoveRange(at, length);
                break;
            case 1:
                input.InsertRange(at, input.GetRange(at, length));
                break;
            case 2:
                input.RemoveRange(at, input.Count - at);
                break;
            case 3:
                Flip(input, random);
                break;
            case 4:
                input.InsertRange(at, Encoding.UTF8.GetBytes(Hostile[random.Next(Hostile.Length)]));
                break;
            case 5:
                ReplaceNumber(input, random);
                break;
            case 6 when target.Words.Count > 0:
                input.InsertRange(at, Encoding.UTF8.GetBytes(target.Words[random.Next(target.Words.Count)]));
                break;
            case 7:
                byte[] other = target.Seeds[random.Next(target.Seeds.Count)]; // the beginning of one, the end of another
                input.RemoveRange(at, input.Count - at);
                input.AddRange(other[Math.Min(at, other.Length)..]);
                break;
            case 8:
                input.InsertRange(at, Enumerable.Repeat((byte)"[{\" \n\0a"[random.Next(7)], random.Next(1, 600)));
                break;
            default:
                byte[] bytes = new byte[random.Next(1, 12)];
                random.NextBytes(bytes);
                input.InsertRange(at, bytes);
                break;
        }
    }

    private static void Flip(List<byte> input, Random random)
    {
        for (int flips = random.Next(1, 6); flips > 0 && input.Count > 0; flips--)
        {
            input[random.Next(input.Count)] ^= (byte)(1 << random.Next(8));
        }
    }

    private static void ReplaceNumber(List<byte> input, Random random)
    {
        int at = input.FindIndex(random.Next(input.Count + 1), static b => b is >= (byte)'0' and <= (byte)'9');
        if (at < 0)
        {
            return;
        }

        int end = at;
        while (end < input.Count && input[end] is (>= (byte)'0' and <= (byte)'9') or (byte)'.')
        {
            end++;
        }

        input.RemoveRange(at, end - at);
        input.InsertRange(at, Encoding.UTF8.GetBytes(Hostile[random.Next(9)]));
    }
}
