using static TorchSharp.torch;

namespace Mlops.Training.Networks;

/// <summary>
/// The words of texts of different lengths, one after another: what is behind a text's end is computed only where words look at
/// each other, which wants all texts to be of one length.
/// </summary>
internal sealed class PackedTexts
{
    /// <summary>What makes a place weigh nothing, added to its score.</summary>
    public const float Masked = -1e9f;

    private readonly Tensor _there;
    private readonly Tensor _indices;

    /// <param name="there">[texts, longest] of truths: whether there is a word. It belongs to the caller's scope, as all that is made here.</param>
    public PackedTexts(Tensor there)
    {
        (Rows, Length) = (there.shape[0], there.shape[1]);
        _there = there.to(ScalarType.Float32);
        _indices = there.reshape(-1).nonzero().reshape(-1);
        Places = _indices.remainder(Length);
        Hidden = _there.sub(1).mul(-Masked).view(-1, 1, 1, Length);
    }

    /// <summary>How many texts.</summary>
    public long Rows { get; }

    /// <summary>Words of the longest.</summary>
    public long Length { get; }

    /// <summary>[words]: which word of its text each is, from 0.</summary>
    public Tensor Places { get; }

    /// <summary>[texts, 1, 1, longest]: 0, or <see cref="Masked"/> behind a text's end.</summary>
    public Tensor Hidden { get; }

    /// <summary>[texts · longest, …] to [words, …].</summary>
    public Tensor Pack(Tensor values) => values.index_select(0, _indices);

    /// <summary>[words, width] to [texts · longest, width], with zeros behind a text's end.</summary>
    public Tensor Unpack(Tensor values) => values.new_zeros([Rows * Length, values.shape[1]]).index_copy(0, _indices, values);

    /// <summary>[words, width] to the mean over each text's words, [texts, width]; of a text without any, zeros.</summary>
    public Tensor Mean(Tensor values) =>
        values.new_zeros([Rows, values.shape[1]]).index_add(0, _indices.floor_divide(Length), values, 1) / _there.sum(new long[] { 1 }, keepdim: true).clamp_min(1);
}
