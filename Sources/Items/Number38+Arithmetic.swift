extension Number38 {
    /// The number with the other sign.
    package var negated: Number38 {
        var decimal = decimal
        decimal.isNegative.toggle()
        return Number38(decimal)
    }

    private var magnitude: Number38 { isNegative ? negated : self }

    /// The exact sum.
    ///
    /// - Throws: `.overflow` when it is out of range or has more than 38 digits, `.underflow` when it is too small.
    package func adding(_ other: Number38) throws(NumberError) -> Number38 {
        if isZero { return other }
        if other.isZero { return self }
        let isOtherLarger = magnitude < other.magnitude
        let larger = isOtherLarger ? other.decimal : decimal
        let smaller = isOtherLarger ? decimal : other.decimal
        let bottom = min(larger.exponent - larger.count, smaller.exponent - smaller.count) + 1
        // A sum that is exact in 38 digits loses one digit to cancelling at most, unless the terms begin within one
        // place of each other: then they span 39.
        let span = larger.exponent - bottom + 1
        guard span < DecimalDigits.capacity else { throw .overflow }

        var sum = DecimalDigits()
        sum.isNegative = larger.isNegative
        sum.exponent = larger.exponent + 1
        sum.count = span + 1
        let isSubtraction = larger.isNegative != smaller.isNegative
        var carry: Int8 = 0
        for column in (0...span).reversed() {
            let place = sum.exponent - column
            let other = Int8(smaller.digit(atPlace: place))
            var digit = Int8(larger.digit(atPlace: place)) + (isSubtraction ? -other : other) + carry
            carry = digit < 0 ? -1 : (digit > 9 ? 1 : 0)
            digit -= 10 * carry
            sum.digits[column] = UInt8(digit)
        }
        sum.trim()
        guard sum.count > 0 else { return .zero }
        guard sum.exponent <= Self.exponentMax, sum.count <= Self.digitCountMax else { throw .overflow }
        guard sum.exponent >= Self.exponentMin else { throw .underflow }
        return Number38(sum)
    }

    /// The exact difference. Throws as `adding` does.
    package func subtracting(_ other: Number38) throws(NumberError) -> Number38 { try adding(other.negated) }
}

extension DecimalDigits {
    /// The digit at a power of ten; zero out of what is there.
    fileprivate func digit(atPlace place: Int) -> UInt8 {
        let index = exponent - place
        return index >= 0 && index < count ? digits[index] : 0
    }

    /// Drops zeros on both sides.
    fileprivate mutating func trim() {
        while count > 0, digits[count - 1] == 0 { count -= 1 }
        var leading = 0
        while leading < count, digits[leading] == 0 { leading += 1 }
        guard leading > 0 else { return }
        for index in leading..<count { digits[index - leading] = digits[index] }
        count -= leading
        exponent -= leading
    }
}
