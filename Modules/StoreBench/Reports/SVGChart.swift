/// Plots as SVG, put together by hand: no script, nothing to load.
enum SVGChart {
    struct Bar {
        var label: String
        var value: Double
        var least: Double
        var most: Double
        var color: Int
    }

    struct Line {
        var label: String
        var points: [(x: Double, y: Double)]
        var color: Int
    }

    /// Horizontal bars from 0 on, each with its spread as a thin line.
    static func bars(_ bars: [Bar], unit: String, digits: Int) -> String {
        let rowHeight = 26
        let left = 110
        let width = 640
        let plot = width - left - 130
        let height = bars.count * rowHeight + 8
        let top = max(bars.map(\.most).max() ?? 0, 1e-12)
        var svg = open(width, height, "\(unit) by contender")
        for (index, bar) in bars.enumerated() {
            let y = index * rowHeight + 4
            let length = max(1, bar.value / top * Double(plot))
            svg += """
                <text x="\(left - 8)" y="\(y + 14)" text-anchor="end">\(escaped(bar.label))</text>\
                <rect class="c\(bar.color)" x="\(left)" y="\(y)" width="\(number(length))" \
                height="18" rx="2"/>\
                <line class="spread" x1="\(number(Double(left) + bar.least / top * Double(plot)))" \
                x2="\(number(Double(left) + bar.most / top * Double(plot)))" y1="\(y + 9)" \
                y2="\(y + 9)"/>\
                <text x="\(left + plot + 10)" y="\(y + 14)">\(Decimals.text(bar.value, digits)) \
                \(escaped(unit))</text>
                """
        }
        return svg + "</svg>"
    }

    /// Curves over labelled places, the height by the logarithm.
    static func curves(_ lines: [Line], places: [String], unit: String) -> String {
        let width = 640
        let height = 260
        let (left, right, top, bottom) = (70.0, 20.0, 14.0, 34.0)
        let values = lines.flatMap { $0.points.map(\.y) }.filter { $0 > 0 }
        guard let least = values.min(), let most = values.max(), places.count > 1 else { return "" }
        let decades = (
            low: Decades.below(least), high: max(Decades.above(most), Decades.below(least) + 1)
        )
        func x(_ place: Double) -> Double {
            left + place / Double(places.count - 1) * (Double(width) - left - right)
        }
        func y(_ value: Double) -> Double {
            let part =
                (Decades.logarithm(value) - Double(decades.low))
                / Double(decades.high - decades.low)
            return top + (1 - part) * (Double(height) - top - bottom)
        }
        var svg = open(width, height, "latency by percentile")
        for decade in decades.low...decades.high {
            let line = y(Decades.power(decade))
            svg += """
                <line class="grid" x1="\(number(left))" x2="\(number(Double(width) - right))" \
                y1="\(number(line))" y2="\(number(line))"/>\
                <text x="\(number(left - 8))" y="\(number(line + 4))" text-anchor="end">\
                \(Decades.time(decade))</text>
                """
        }
        for (index, place) in places.enumerated() {
            svg += """
                <text x="\(number(x(Double(index))))" y="\(height - 12)" text-anchor="middle">\
                \(escaped(place))</text>
                """
        }
        for line in lines {
            let points = line.points.filter { $0.y > 0 }
                .map { "\(number(x($0.x))),\(number(y($0.y)))" }
            svg +=
                "<polyline class=\"s\(line.color)\" points=\"\(points.joined(separator: " "))\"/>"
            for point in line.points where point.y > 0 {
                svg += """
                    <circle class="c\(line.color)" cx="\(number(x(point.x)))" \
                    cy="\(number(y(point.y)))" r="3"><title>\(escaped(line.label)): \
                    \(Decimals.short(point.y)) \(escaped(unit))</title></circle>
                    """
            }
        }
        return svg + "</svg>"
    }

    private static func open(_ width: Int, _ height: Int, _ title: String) -> String {
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" role="img" \
        width="\(width)" height="\(height)"><title>\(escaped(title))</title>
        """
    }

    private static func number(_ value: Double) -> String {
        let text = Decimals.text(value, 1)
        return text.hasPrefix("−") ? "-" + text.dropFirst() : text
    }

    /// Text for HTML and SVG.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}

/// Powers of ten.
enum Decades {
    static func power(_ exponent: Int) -> Double {
        var value = 1.0
        for _ in 0..<exponent.magnitude { value *= 10 }
        return exponent < 0 ? 1 / value : value
    }

    static func below(_ value: Double) -> Int {
        var exponent = 0
        while power(exponent) > value { exponent -= 1 }
        while power(exponent + 1) <= value { exponent += 1 }
        return exponent
    }

    static func above(_ value: Double) -> Int {
        let exponent = below(value)
        return power(exponent) == value ? exponent : exponent + 1
    }

    /// To the base of ten, by parts: exact at the powers and good to a pixel in between.
    static func logarithm(_ value: Double) -> Double {
        let exponent = below(value)
        var rest = value / power(exponent)
        var sum = 0.0
        var step = 0.5
        for _ in 0..<20 {
            rest *= rest
            if rest >= 10 {
                rest /= 10
                sum += step
            }
            step /= 2
        }
        return Double(exponent) + sum
    }

    /// A power of ten of microseconds: `10 µs`, `1 ms`, `100 s`.
    static func time(_ exponent: Int) -> String {
        if exponent >= 6 { return "\(label(exponent - 6)) s" }
        return exponent >= 3 ? "\(label(exponent - 3)) ms" : "\(label(exponent)) µs"
    }

    static func label(_ exponent: Int) -> String {
        exponent >= 0
            ? Decimals.text(power(exponent), 0) : Decimals.text(power(exponent), -exponent)
    }
}
