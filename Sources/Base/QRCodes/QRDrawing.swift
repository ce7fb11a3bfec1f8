/// What a terminal shows behind its letters.
package enum TerminalBackground: String, Hashable, Sendable, CaseIterable {
    case dark, light
}

extension QRCode {
    /// The code for a terminal, two rows of modules a line. What is printed is ink in the colour of the letters: on a dark background the
    /// light modules are printed, on a light one the dark ones. Printed the wrong way round few cameras read it.
    package func terminalLines(on background: TerminalBackground) -> [String] {
        let ink = rows.map { row in row.map { $0 == (background == .light) } }
        // What lies below the last line is background, which is light where the background is.
        let below = [Bool](repeating: false, count: ink.count)
        return stride(from: 0, to: ink.count, by: 2).map { top in
            let bottom = top + 1 < ink.count ? ink[top + 1] : below
            return String(
                zip(ink[top], bottom).map { upper, lower -> Character in
                    switch (upper, lower) {
                    case (true, true): "█"
                    case (true, false): "▀"
                    case (false, true): "▄"
                    case (false, false): " "
                    }
                })
        }
    }

    /// The code as an SVG image, black on white whatever is behind it; it is sharp at any size.
    package var svg: String {
        let side = size + 2 * Self.quietZone
        var path = ""
        for (row, modules) in rows.enumerated() {
            for (column, isDark) in modules.enumerated() where isDark { path += "M\(column) \(row)h1v1h-1z" }
        }
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(side) \(side)" width="\(side * 8)" height="\(side * 8)" \
            shape-rendering="crispEdges"><rect width="100%" height="100%" fill="#fff"/><path d="\(path)" fill="#000"/></svg>

            """
    }
}
