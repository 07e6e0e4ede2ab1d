using System.Runtime.InteropServices;
using Mlops.Training.Gradients;
using static TorchSharp.torch;

namespace Mlops.Training.Losses;

/// <summary>The mean of squared errors.</summary>
internal sealed class SquaredError : Loss
{
    public override Tensor Of(Tensor output, Tensor targets) => nn.functional.mse_loss(output, targets);

    public override double Differentiate(Matrix output, Tensor targets, Matrix gradient)
    {
        var wanted = MemoryMarshal.Cast<byte, float>(targets.bytes);
        var scale = 2f / wanted.Length;
        var sum = 0.0;
        for (var row = 0; row < output.Rows; row++)
        {
            var values = output.Row(row);
            var slopes = gradient.Row(row);
            for (var column = 0; column < values.Length; column++)
            {
                var error = values[column] - wanted[(row * values.Length) + column];
                slopes[column] = scale * error;
                sum += (double)error * error;
            }
        }
        return sum / wanted.Length;
    }
}
