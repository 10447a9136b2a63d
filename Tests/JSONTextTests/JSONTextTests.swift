import JSONText
import Testing

@Suite struct JSONTextTests {
    @Test func `members keep their order`() {
        let value: JSONValue = ["b": 1, "a": [true, .null, "x"], "c": [:]]

        #expect(value.text == #"{"b":1,"a":[true,null,"x"],"c":{}}"#)
    }

    @Test func `what would end a text or its page is escaped`() {
        let value = JSONValue.text("\"\\\n\r\t\u{0}\u{1f}\u{7f}</script>&é")

        #expect(
            value.text
                == #""\"\\\n\r\t\u0000\u001f\u007f\u003c/script\u003e\u0026é""#)
    }

    @Test func `what is no number in JSON is null`() {
        #expect(
            JSONValue.list([.number(.nan), .number(.infinity), .number(0.5)]).text
                == "[null,null,0.5]")
        #expect(JSONValue.integer(.min).text == "-9223372036854775808")
        #expect(JSONValue.number(1e-7).text == "1e-07")
    }
}
