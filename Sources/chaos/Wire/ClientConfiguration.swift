import ExchangeServer

/// What to write into a client so that it talks to the served exchange: ready to be copied.
enum ClientConfiguration {
  static func text(host: String, port: UInt16, venue: String, key: String, secret: String, showsSecret: Bool) -> String
  {
    let (http, ws) = ("http://\(host):\(port)", "ws://\(host):\(port)")
    let shown = showsSecret ? secret : "..."
    if venue == "mexc" {
      return """
        ccxt (Python)
          exchange = ccxt.mexc({'apiKey': '\(key)', 'secret': '\(shown)'})
          exchange.urls['api']['spot'] = {'public': '\(http)', 'private': '\(http)'}
          exchange.urls['api']['contract'] = {'public': '\(http)/api/v1/contract', 'private': '\(http)/api/v1/private'}
          exchange.options['fetchMarkets'] = {'types': {'spot': True, 'swap': {'linear': False, 'inverse': False}}}
        """
    }
    return """
      ccxt (Python; the same members in JavaScript)
        exchange = ccxt.binance({'apiKey': '\(key)', 'secret': '\(shown)', 'options': {'fetchMarkets': {'types': ['spot']}}})
        exchange.urls['api'].update({n: '\(http)/' + p for n, p in {'public': 'api/v3', 'private': 'api/v3', 'v1': 'api/v1',
          'sapi': 'sapi/v1', 'sapiV2': 'sapi/v2', 'sapiV3': 'sapi/v3', 'sapiV4': 'sapi/v4'}.items()})
        exchange.urls['api']['ws'] = {'spot': '\(ws)/stream', 'margin': '\(ws)/stream', 'ws-api': {'spot': '\(ws)/ws-api/v3'}}
      freqtrade: the same dictionaries under exchange.ccxt_config.urls and exchange.ccxt_async_config.urls
      python-binance
        client = Client('\(key)', '\(shown)', ping=False)
        client.API_URL = '\(http)/api'; client.MARGIN_API_URL = '\(http)/sapi'
        BinanceSocketManager(client).STREAM_URL = '\(ws)/'
      binance-connector (older)
        Spot('\(key)', '\(shown)', base_url='\(http)');  SpotWebsocketStreamClient(stream_url='\(ws)')
      binance-sdk-spot
        ConfigurationRestAPI(api_key='\(key)', api_secret='\(shown)', base_path='\(http)')
        ConfigurationWebSocketAPI(..., stream_url='\(ws)/ws-api/v3');  ConfigurationWebSocketStreams(stream_url='\(ws)/stream')
      nautilus_trader
        base_url_http='\(http)', base_url_ws='\(ws)' in both client configurations
      """
  }
}
