"""What the page looks like: ids, theme, component trees and figures. Pure."""
