/// Reads an extraction as it comes, piece by piece, with no more in memory than a piece and the beginning of a line.
package struct ExtractionReader: Sendable {
    /// Where the reading stands between two pieces; kept, it goes on later.
    package struct Place: Hashable, Sendable {
        package var header: String?
        /// The beginning of a line whose end has not come.
        package var tail: [UInt8]
        /// Lines that came whole, the header among them.
        package var lines: Int
        /// Whether what comes up to the next end of line belongs to one that is too long.
        package var isSkipping: Bool

        package init(header: String? = nil, tail: [UInt8] = [], lines: Int = 0, isSkipping: Bool = false) {
            self.header = header
            self.tail = tail
            self.lines = lines
            self.isSkipping = isSkipping
        }
    }

    package private(set) var place: Place
    package var filter: DirectoryFilter
    private var columns: ExtractionColumns?

    /// Far more than any line has, in bytes.
    static let longestLine = 65_536

    package init(_ filter: DirectoryFilter, at place: Place = Place()) throws(ExtractionRefusal) {
        self.filter = filter
        self.place = place
        columns = try place.header.map { header throws(ExtractionRefusal) in try ExtractionColumns(header: header) }
    }

    /// What one piece brought.
    package struct Findings: Sendable {
        package var entries: [DirectoryEntry] = []
        package var bad: [BadLine] = []
    }

    package mutating func take(_ bytes: [UInt8]) throws(ExtractionRefusal) -> Findings {
        var findings = Findings()
        let whole = place.tail + bytes
        let rest = try whole.span.bytes.withUnsafeBytes { buffer throws(ExtractionRefusal) in
            var start = 0
            while let end = buffer.index(of: 0x0A, from: start) {
                try take(UnsafeRawBufferPointer(rebasing: buffer[start..<end]), &findings)
                start = end + 1
            }
            return start
        }
        place.tail = Array(whole[rest...])
        if place.tail.count > Self.longestLine {
            guard place.header != nil else { throw .noHeader }
            place.tail = []
            place.isSkipping = true
        }
        return findings
    }

    /// Takes a last line that has no end.
    package mutating func finish() throws(ExtractionRefusal) -> Findings {
        var findings = Findings()
        let last = place.tail
        place.tail = []
        if !last.isEmpty || place.isSkipping {
            try last.span.bytes.withUnsafeBytes { buffer throws(ExtractionRefusal) in try take(buffer, &findings) }
        }
        guard place.header != nil else { throw .noHeader }
        return findings
    }

    private mutating func take(_ line: UnsafeRawBufferPointer, _ findings: inout Findings) throws(ExtractionRefusal) {
        place.lines += 1
        let line = line.last == 0x0D ? UnsafeRawBufferPointer(rebasing: line.dropLast()) : line
        guard let columns else { return try takeHeader(line) }
        guard !place.isSkipping, line.count <= Self.longestLine else {
            place.isSkipping = false
            findings.bad.append(BadLine(number: place.lines, reason: "more than \(Self.longestLine) bytes"))
            return
        }
        guard !line.isEmpty else { return }
        do throws(ExtractionLine.Malformed) {
            if let entry = try ExtractionLine(line, columns).entry(filter) { findings.entries.append(entry) }
        } catch {
            findings.bad.append(BadLine(number: place.lines, reason: error.reason))
        }
    }

    private mutating func takeHeader(_ line: UnsafeRawBufferPointer) throws(ExtractionRefusal) {
        guard let text = String(validating: line, as: UTF8.self) else { throw .noHeader }
        let header = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
        columns = try ExtractionColumns(header: header)
        place.header = header
    }
}
