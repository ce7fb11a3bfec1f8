/// An instant of the wall clock: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
///
/// Written as RFC 3339 in UTC with exactly three decimals, so that equal instants have equal text.
package struct Timestamp: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// Whole seconds since 1970, rounded down: the NumericDate of RFC 7519 §2.
    package var seconds: Int64 { milliseconds.flooring(by: 1000).quotient }

    package init(seconds: Int64) { self.milliseconds = seconds * 1000 }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

    package func advanced(bySeconds seconds: Int64) -> Timestamp {
        Timestamp(milliseconds: milliseconds + seconds * 1000)
    }

    package var description: String {
        let (second, millisecond) = milliseconds.flooring(by: 1000)
        let (day, secondOfDay) = second.flooring(by: 86_400)
        let (year, month, dayOfMonth) = Self.civil(fromDays: day)
        var text: [UInt8] = []
        text.reserveCapacity(24)
        for (value, width, mark) in [
            (year, 4, 0x2D), (month, 2, 0x2D), (dayOfMonth, 2, 0x54), (secondOfDay / 3600, 2, 0x3A), (secondOfDay / 60 % 60, 2, 0x3A),
            (secondOfDay % 60, 2, 0x2E), (millisecond, 3, 0x5A),
        ] as [(Int64, Int, UInt8)] {
            Self.append(value, width, to: &text)
            text.append(mark)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads `YYYY-MM-DDThh:mm:ss[.fff]Z`. `nil` for any other form.
    package init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == 20 || bytes.count == 24, bytes.last == 0x5A else { return nil }
        func number(_ range: Range<Int>) -> Int64? {
            var value: Int64 = 0
            for byte in bytes[range] {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int64(byte - 0x30)
            }
            return value
        }
        guard bytes[4] == 0x2D, bytes[7] == 0x2D, bytes[10] == 0x54, bytes[13] == 0x3A, bytes[16] == 0x3A,
            let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19)
        else { return nil }
        var fraction: Int64 = 0
        if bytes.count == 24 {
            guard bytes[19] == 0x2E, let milliseconds = number(20..<23) else { return nil }
            fraction = milliseconds
        }
        self.init(year: year, month: month, day: day, hour: hour, minute: minute, second: second, milliseconds: fraction)
    }

    /// An instant by its date and time in UTC. `nil` when there is no such date or time.
    package init?(
        year: Int64, month: Int64, day: Int64, hour: Int64, minute: Int64, second: Int64, milliseconds: Int64 = 0
    ) {
        guard (0...9999).contains(year), (1...12).contains(month), (1...31).contains(day), (0..<24).contains(hour),
            (0..<60).contains(minute), (0..<60).contains(second)
        else { return nil }
        let days = Self.days(fromYear: year, month: month, day: day)
        // The 30th of February would otherwise be read as a day of March.
        guard Self.civil(fromDays: days) == (year, month, day) else { return nil }
        self.init(milliseconds: ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000 + milliseconds)
    }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let value = Timestamp(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not an RFC 3339 time in UTC"))
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// Appends a number with leading zeros.
    private static func append(_ value: Int64, _ width: Int, to text: inout [UInt8]) {
        guard value >= 0, value < 10_000 else {
            text += String(value).utf8
            return
        }
        var divisor: Int64 = 1000
        for place in (0..<4).reversed() {
            if place < width || value >= divisor { text.append(0x30 + UInt8(value / divisor % 10)) }
            divisor /= 10
        }
    }

    /// Days since 1970 of a date of the proleptic Gregorian calendar; the year is counted from March so that the leap day is last.
    private static func days(fromYear year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = shifted.flooring(by: 400)
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = (days + 719_468).flooring(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}

extension Int64 {
    /// Division that rounds towards minus infinity, so that times before 1970 stay right.
    fileprivate func flooring(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
