namespace Mlops.Onnx.Rows;

/// <summary>Convolutions and pools: a window moves over axes 2 and above, for each row.</summary>
internal static class WindowRules
{
    public static Value Conv(Operation op) => Conv(op, op[1]);

    public static Value ConvInteger(Operation op) => op[2].IsScalar && op[3].IsVector ? Conv(op, op[1]) : QuantizationRules.PerRow;

    /// <summary>A scale and a zero point follow the rows, the kernel (there, one for each channel is possible) and, for the result, both.</summary>
    public static Value QuantizedConv(Operation op) =>
        op[1].IsScalar && op[2].IsScalar && op[4].IsVector && op[5].IsVector && op[6].IsScalar && op[7].IsScalar ? Conv(op, op[3]) : QuantizationRules.PerRow;

    public static Value ConvTranspose(Operation op) => op[0].Dims!.Count < 3 ? Because.FewDimensions : op.Of([null, null, .. op[0].Dims!.Skip(2).Select(_ => (long?)null)]);

    /// <summary>The second output of a maximum numbers its elements from the first row on.</summary>
    public static Value Pool(Operation op)
    {
        if (op.Output > 0)
            return Value.Mixed("numbers the elements of the whole batch");
        return op[0].Dims!.Count < 3 ? Because.FewDimensions : op.Of([null, op[0].Dims![1], .. Moved(op, [.. (op.Integers("kernel_shape") ?? []).Select(length => (long?)length)])]);
    }

    public static Value GlobalPool(Operation op) =>
        op[0].Dims!.Count < 3 ? Because.FewDimensions : op.Of([null, op[0].Dims![1], .. op[0].Dims!.Skip(2).Select(_ => (long?)1)]);

    private static Value Conv(Operation op, Value kernel)
    {
        if (op[0].Dims!.Count < 3)
            return Because.FewDimensions;
        long?[] window = [.. kernel.Dims?.Skip(2) ?? []];
        return op.Of([null, kernel.Dims is { Count: > 0 } dims ? dims[0] : null, .. Moved(op, window)]);
    }

    /// <summary>How many places the window has along each axis; not known where padding is automatic or lengths are rounded up.</summary>
    private static IEnumerable<long?> Moved(Operation op, long?[] window)
    {
        var lengths = op[0].Dims!.Skip(2).ToArray();
        var known = op.Text("auto_pad") is "" or "NOTSET" && op.Integer("ceil_mode") == 0;
        var (pads, strides, dilations) = (op.Integers("pads"), op.Integers("strides"), op.Integers("dilations"));
        return lengths.Select((length, axis) =>
        {
            var free = length + At(pads, axis, 0) + At(pads, axis + lengths.Length, 0) - (At(dilations, axis, 1) * (window.ElementAtOrDefault(axis) - 1) + 1);
            var stride = At(strides, axis, 1);
            return known && stride > 0 && free >= 0 ? free / stride + 1 : null;
        });
    }

    private static long At(IReadOnlyList<long>? list, int index, long otherwise) => index < list?.Count ? list[index] : otherwise;
}
