using System.Numerics;
using CsCheck;
using Mlops.Inference;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Inference;

public sealed class TensorShapeTests
{
    [Fact]
    public void Count_AnyDimensions_IsTheProductOrRefusedWhereItDoesNotFit()
    {
        var dim = Gen.Frequency((6, Gen.Long[0, 50]), (1, Gen.Long[-3, -1]), (2, Gen.Long[long.MaxValue / 3, long.MaxValue]), (2, Gen.Long[1L << 20, 1L << 33]));
        dim.Array[0, 6].Sample(shape =>
        {
            var exact = shape.Aggregate(BigInteger.One, (product, next) => product * next);
            // The product without zeros bounds what could be made of the shape, so it must fit as well.
            var extent = shape.Where(next => next != 0).Aggregate(BigInteger.One, (product, next) => product * next);
            var counted = TensorShape.TryCount(shape, out var elements);
            counted.ShouldBe(shape.All(next => next >= 0) && extent <= long.MaxValue);
            if (counted)
                new BigInteger(elements).ShouldBe(exact);
        }, seed: "0000000000001", iter: 5000);
    }

    [Fact]
    public void Count_Scalar_IsOne()
    {
        TensorShape.TryCount([], out var elements).ShouldBeTrue();
        elements.ShouldBe(1);
    }

    [Fact]
    public void Extent_EmptyTensor_CountsTheOtherDimensions()
    {
        TensorShape.TryExtent([1_000_000_000, 0, 3], 4, out var bytes).ShouldBeTrue();
        bytes.ShouldBe(12_000_000_000);
        TensorShape.TryExtent([long.MaxValue, 0, 2], 1, out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData(new long[] { 5, 4 }, true)]
    [InlineData(new long[] { 0, 4 }, true)]
    [InlineData(new long[] { 5, 3 }, false)]
    [InlineData(new long[] { -1, 4 }, false)]
    [InlineData(new long[] { 4 }, false)]
    [InlineData(new long[] { 5, 4, 1 }, false)]
    public void Fits_RowsOfFour_TakesAnyNumberOfThem(long[] shape, bool fits) => TensorShape.Fits(shape, [-1, 4]).ShouldBe(fits);

    [Fact]
    public void Text_ManyDimensions_IsCutShort()
    {
        TensorShape.Text([-1, 4]).ShouldBe("[-1,4]");
        TensorShape.Text(new long[100_000]).Length.ShouldBeLessThan(50);
    }
}
